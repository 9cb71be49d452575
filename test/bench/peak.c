// Runs its words and tells on descriptor 3, in KiB, the largest resident set of the process and of those that it waited for: Node does not tell it of a child, and looking now and then misses short ones.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int count, char **words) {
  if (count < 2) return 125;
  int status;
  struct rusage usage;
  pid_t child = fork();
  if (child == 0) {
    close(3);
    execvp(words[1], words + 1);
    _exit(127);
  }
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return 125;
  dprintf(3, "%ld\n", usage.ru_maxrss);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
