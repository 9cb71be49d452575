// A system call that does next to nothing: what entering and leaving the kernel costs.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1000000;
  long succeeded = 0;
  for (int i = 0; i < count; i++) succeeded += syscall(SYS_getppid) >= 0;
  printf("getppid %ld\n", succeeded);
}
