// open, read, close of a small file: what a path and a file descriptor cost.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 100000;
  long succeeded = 0;
  char content[256];
  for (int i = 0; i < count; i++) {
    int fd = open("/etc/hostname", O_RDONLY);
    if (fd < 0) {
      perror("open /etc/hostname");
      return 1;
    }
    succeeded += read(fd, content, sizeof content) > 0;
    close(fd);
  }
  printf("orc %ld\n", succeeded);
}
