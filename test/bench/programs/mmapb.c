// Address space: map 64 KiB, touch two pages of it, unmap.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LENGTH = 65536, SECOND_TOUCH = 8192 };

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 50000;
  long sum = 0;
  for (int i = 0; i < count; i++) {
    char *pages = mmap(0, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) {
      perror("mmap");
      return 1;
    }
    pages[0] = i;
    pages[SECOND_TOUCH] = 1;
    sum += (unsigned char)pages[0] + pages[SECOND_TOUCH];
    munmap(pages, LENGTH);
  }
  printf("mmap %ld\n", sum);
}
