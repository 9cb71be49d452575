// clone3 with the number that the child shall have: who may ask for it, and which numbers there are.
#include "check.h"
#include <linux/sched.h>

static long child(struct clone_args *args, size_t size) {
  fflush(stdout);
  long pid = syscall(SYS_clone3, args, size);
  if (pid == 0) _exit(getpid() == (args->set_tid && args->set_tid_size ? *(pid_t *)args->set_tid : getpid()) ? 7 : 8);
  return pid;
}
int main(void) {
  pid_t numbers[33] = {31234, 5};
  struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (long)numbers, .set_tid_size = 1};
  int status;
  while (kill(numbers[0], 0) == 0 || errno != ESRCH) numbers[0]++;
  check(child(&args, sizeof args) == numbers[0], "its number"), wait(&status), printf("%d\n", WEXITSTATUS(status));
  check(child(&args, sizeof args) == numbers[0], "free again"), waitid(P_PID, numbers[0], NULL, WEXITED | WNOWAIT), tell("not yet", child(&args, sizeof args)), wait(&status);
  numbers[0] = getpid(), tell("its own", child(&args, sizeof args)), numbers[0] = 1, tell("the first", child(&args, sizeof args)), numbers[0] = 0, tell("none", child(&args, sizeof args)), numbers[0] = 1 << 30, tell("too large", child(&args, sizeof args));
  args.set_tid_size = 2, numbers[0] = 31235, tell("of another namespace", child(&args, sizeof args)), args.set_tid_size = 33, tell("of too many", child(&args, sizeof args)), args.set_tid_size = 0, tell("of none", child(&args, sizeof args)), args.set_tid = 0, args.set_tid_size = 1, tell("without numbers", child(&args, sizeof args)), args.set_tid = 8, tell("nowhere", child(&args, sizeof args));
  args.set_tid = (long)numbers;
  if (fork() == 0) {
    setresuid(1000, 1000, 1000), tell("not allowed", child(&args, sizeof args)), numbers[0] = 0, tell("nor none", child(&args, sizeof args)), fflush(stdout), _exit(0);
  }
  wait(NULL), works("as in the first version", child(&args, 64)), wait(&status), printf("%d\n", WEXITSTATUS(status) == 8);
  return 0;
}
