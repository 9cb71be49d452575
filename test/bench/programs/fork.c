// A process that does nothing: fork, exit, wait.
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  int count = argc > 1 ? atoi(argv[1]) : 1000;
  long sum = 0;
  for (int i = 0; i < count; i++) {
    pid_t child = fork();
    if (child < 0) {
      perror("fork");
      return 1;
    }
    if (child == 0) _exit(i & 63);
    int status;
    waitpid(child, &status, 0);
    sum += WEXITSTATUS(status);
  }
  printf("fork %ld\n", sum);
}
