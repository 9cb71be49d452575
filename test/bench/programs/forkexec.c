// A program that does nothing: fork, exec of this same file, exit, wait.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc > 2) return atoi(argv[2]) & 63;
  int count = argc > 1 ? atoi(argv[1]) : 300;
  long sum = 0;
  for (int i = 0; i < count; i++) {
    char number[16];
    snprintf(number, sizeof number, "%d", i);
    pid_t child = fork();
    if (child < 0) {
      perror("fork");
      return 1;
    }
    if (child == 0) {
      execl(argv[0], argv[0], "child", number, (char *)0);
      _exit(99);
    }
    int status;
    waitpid(child, &status, 0);
    sum += WEXITSTATUS(status);
  }
  printf("forkexec %ld\n", sum);
}
