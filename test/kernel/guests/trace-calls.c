// ptrace(2) at system calls: a small strace that follows children, a tracer that changes and skips calls, SECCOMP_RET_TRACE, PTRACE_SYSEMU, PTRACE_GET_SYSCALL_INFO.
#include "trace.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

static const struct { int number; const char *name; } names[] = {
  {SYS_getppid, "getppid"}, {SYS_write, "write"}, {SYS_exit_group, "exit_group"}, {SYS_clone, "clone"}, {SYS_fork, "fork"}, {SYS_vfork, "vfork"}, {SYS_wait4, "wait4"}, {SYS_nanosleep, "nanosleep"},
  {SYS_close, "close"}, {SYS_dup, "dup"}, {SYS_kill, "kill"}, {SYS_getuid, "getuid"}, {SYS_pipe, "pipe"}, {SYS_read, "read"}, {SYS_execve, "execve"}, {SYS_rt_sigaction, "rt_sigaction"},
  {SYS_rt_sigreturn, "rt_sigreturn"}, {SYS_restart_syscall, "restart_syscall"}, {SYS_pause, "pause"}, {SYS_alarm, "alarm"}, {SYS_setitimer, "setitimer"}, {SYS_exit, "exit"}, {SYS_tgkill, "tgkill"}, {SYS_getpid, "getpid"}, {SYS_clock_nanosleep, "clock_nanosleep"},
};
static const char *name_of(long number) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) if (names[i].number == number) return names[i].name;
  return "?";
}
static pid_t traced_child(void (*work)(void), long options) {
  pid_t child = fork();
  if (child == 0) {
    trace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    work();
    _exit(0);
  }
  waitpid(child, NULL, 0);
  trace(PTRACE_SETOPTIONS, child, 0, options);
  return child;
}

static void handler(int signal) {}
static void work(void) {
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGUSR1, &action, NULL);
  syscall(SYS_getppid), syscall(SYS_close, 77), syscall(SYS_dup, 0);
  syscall(SYS_kill, getpid(), SIGUSR1);
  if (syscall(SYS_fork) == 0) syscall(SYS_getuid), syscall(SYS_exit_group, 5);
  syscall(SYS_wait4, -1, NULL, 0, NULL);
  if (vfork() == 0) _exit(6);
  syscall(SYS_wait4, -1, NULL, 0, NULL);
  struct itimerval timer = {{0, 0}, {0, 20000}};
  signal(SIGALRM, handler);
  setitimer(ITIMER_REAL, &timer, NULL);
  struct timespec time = {0, 100000000};
  syscall(SYS_nanosleep, &time, NULL);
  action.sa_flags = SA_RESTART, sigaction(SIGALRM, &action, NULL);
  int ends[2];
  pipe(ends);
  setitimer(ITIMER_REAL, &timer, NULL);
  if (fork() == 0) pass_time(100), write(ends[1], "x", 1), _exit(7);
  char byte;
  syscall(SYS_read, ends[0], &byte, 1);
  syscall(SYS_exit_group, 3);
}
// What each process does goes to its own list, since how they take turns is not told.
static char lists[8][8192];
static pid_t pids[8];
static char *list_of(pid_t pid) {
  for (int i = 0; i < 8; i++) {
    if (pids[i] == 0) pids[i] = pid;
    if (pids[i] == pid) return lists[i];
  }
  abort();
}
static void add(pid_t pid, const char *format, ...) {
  char *list = list_of(pid);
  va_list values;
  va_start(values, format);
  vsnprintf(list + strlen(list), 8192 - strlen(list), format, values);
  va_end(values);
}
static void small_strace(void) {
  pid_t child = traced_child(work, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT);
  list_of(child);
  tell("go", trace(PTRACE_SYSCALL, child, 0, 0));
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, __WALL)) > 0) {
    if (WIFEXITED(status)) { add(pid, "+++ %d\n", WEXITSTATUS(status)); continue; }
    if (WIFSIGNALED(status)) { add(pid, "+++ signal %d\n", WTERMSIG(status)); continue; }
    int signal = WSTOPSIG(status), event = status >> 16, inject = 0;
    if (signal == (SIGTRAP | 0x80)) {
      struct user_regs_struct registers;
      struct ptrace_syscall_info info;
      unsigned long message = 9;
      trace(PTRACE_GETREGS, pid, 0, (unsigned long)&registers);
      trace(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message);
      long size = trace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, (unsigned long)&info);
      if (message == PTRACE_EVENTMSG_SYSCALL_ENTRY) {
        add(pid, "%s(", name_of(registers.orig_rax));
        if ((long)registers.rax != -ENOSYS || size != 80 || info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != registers.orig_rax || info.entry.args[0] != registers.rdi || info.arch != AUDIT_ARCH_X86_64 || info.instruction_pointer != registers.rip)
          add(pid, "wrong: rax %ld, size %ld, op %d", registers.rax, size, info.op);
      } else {
        long value = registers.rax;
        add(pid, ") = %s\n", value < 0 && value > -600 ? value <= -512 ? "restart" : strerrorname_np(-value) : value == 0 ? "0" : "more");
        if (message != PTRACE_EVENTMSG_SYSCALL_EXIT || size != 33 || info.op != PTRACE_SYSCALL_INFO_EXIT || info.exit.rval != value || info.exit.is_error != (value < 0 && value >= -4095))
          add(pid, "wrong: size %ld, op %d, error %d\n", size, info.op, info.exit.is_error);
      }
    } else if (event) {
      unsigned long message;
      trace(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message);
      add(pid, "<%s", event_names[event]);
      if (event == PTRACE_EVENT_EXIT) add(pid, " %lx", message);
      else list_of(message);
      add(pid, " rax %ld>", user(pid, REGISTER(rax)));
    } else {
      siginfo_t info;
      trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&info);
      add(pid, "--- signal %d code %d\n", signal, info.si_code);
      inject = signal == SIGSTOP ? 0 : signal;
    }
    trace(PTRACE_SYSCALL, pid, 0, inject);
  }
  for (int i = 0; pids[i]; i++) printf("process %d:\n%s", i, lists[i]);
  fflush(stdout);
}

static void changed(void) {
  tell("first", syscall(SYS_getppid) > 1), tell("instead", syscall(SYS_close, 99)), tell("skipped", syscall(SYS_close, 0)), tell("skipped with a value", syscall(SYS_close, 0));
  tell("another result", syscall(SYS_getuid)), tell("other arguments", write(1, "AAAAA\n", 6));
  tell("no such call", syscall(SYS_getuid)), tell("and none at all", syscall(-1)), tell("rewritten", syscall(SYS_dup, 1) > 2);
  tell("emulated", syscall(SYS_getpid)), tell("and not", syscall(SYS_getpid) > 1), tell("then made", syscall(SYS_getppid) > 1);
}
static int to_call(pid_t child) {
  int status;
  trace(PTRACE_SYSCALL, child, 0, 0);
  waitpid(child, &status, 0);
  return status;
}
// To the next call of that number.
static void to_entry(pid_t child, long number) {
  do {
    to_call(child);
    if ((long)user(child, REGISTER(orig_rax)) == number) return;
    to_call(child);
  } while (1);
}
static void changer(void) {
  pid_t child = traced_child(changed, PTRACE_O_TRACESYSGOOD);
  to_entry(child, SYS_getppid), to_call(child);
  to_entry(child, SYS_close), works("number", trace(PTRACE_POKEUSER, child, REGISTER(orig_rax), SYS_getuid)), to_call(child), printf("orig_rax %ld\n", user(child, REGISTER(orig_rax)));
  to_entry(child, SYS_close), trace(PTRACE_POKEUSER, child, REGISTER(orig_rax), -1), to_call(child), printf("orig_rax %ld, rax %ld\n", user(child, REGISTER(orig_rax)), user(child, REGISTER(rax)));
  to_entry(child, SYS_close);
  struct user_regs_struct registers;
  trace(PTRACE_GETREGS, child, 0, (unsigned long)&registers), registers.orig_rax = -1, registers.rax = 4711, trace(PTRACE_SETREGS, child, 0, (unsigned long)&registers);
  to_call(child), to_entry(child, SYS_getuid), to_call(child), trace(PTRACE_POKEUSER, child, REGISTER(rax), 815);
  to_entry(child, SYS_write), to_call(child); // what "another result" tells
  to_entry(child, SYS_write);
  unsigned long at = user(child, REGISTER(rsi));
  works("poke", trace(PTRACE_POKEDATA, child, at, (peek(child, at) & ~0xffffffffff) | 0x4242424242)), trace(PTRACE_POKEUSER, child, REGISTER(rdx), 4), to_call(child);
  to_entry(child, SYS_getuid), trace(PTRACE_POKEUSER, child, REGISTER(orig_rax), 99999), to_call(child);
  to_entry(child, -1), printf("rax %ld\n", user(child, REGISTER(rax))), to_call(child);
  to_entry(child, SYS_dup), trace(PTRACE_POKEUSER, child, REGISTER(rdi), 77), to_call(child), printf("rax %ld\n", user(child, REGISTER(rax))), trace(PTRACE_POKEUSER, child, REGISTER(rax), 55);
  to_entry(child, SYS_write), to_call(child);
  int status;
  trace(PTRACE_SYSEMU, child, 0, 0), await("emulation", child, 0), printf("orig_rax %ld rax %ld\n", user(child, REGISTER(orig_rax)), user(child, REGISTER(rax))), trace(PTRACE_POKEUSER, child, REGISTER(rax), 99);
  trace(PTRACE_CONT, child, 0, 0), await("end", child, 0);
}

static void install(int action) {
  struct sock_filter code[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1), BPF_STMT(BPF_RET | BPF_K, action | 42),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpgrp, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EXDEV), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof code / sizeof *code, code};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
static void filtered(void) {
  install(SECCOMP_RET_TRACE);
  tell("traced", syscall(SYS_getppid) > 1), tell("changed", syscall(SYS_getppid)), tell("changed to a forbidden one", syscall(SYS_getppid)), tell("skipped", syscall(SYS_getppid)), tell("not told", syscall(SYS_getppid));
}
static void seccomp_trace(void) {
  if (fork() == 0) install(SECCOMP_RET_TRACE), tell("nobody traces", syscall(SYS_getppid)), exit(0);
  wait(NULL);
  pid_t child = traced_child(filtered, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP);
  unsigned long message;
  struct ptrace_syscall_info info;
  trace(PTRACE_CONT, child, 0, 0), await("filter", child, 0), trace(PTRACE_GETEVENTMSG, child, 0, (unsigned long)&message), show_signal("its info", child);
  long size = trace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, (unsigned long)&info);
  printf("message %lu, orig_rax %ld, rax %ld, op %d, nr %lld, data %d, whole %d\n", message, user(child, REGISTER(orig_rax)), user(child, REGISTER(rax)), info.op, info.seccomp.nr, info.seccomp.ret_data, size >= 84);
  trace(PTRACE_CONT, child, 0, 0), await("again", child, 0), trace(PTRACE_POKEUSER, child, REGISTER(orig_rax), SYS_getuid);
  trace(PTRACE_SYSCALL, child, 0, 0), await("after it", child, 0), printf("rax %ld\n", user(child, REGISTER(rax)));
  trace(PTRACE_CONT, child, 0, 0), await("third", child, 0), trace(PTRACE_POKEUSER, child, REGISTER(orig_rax), SYS_getpgrp);
  trace(PTRACE_CONT, child, 0, 0), await("fourth", child, 0), trace(PTRACE_POKEUSER, child, REGISTER(orig_rax), -1), trace(PTRACE_POKEUSER, child, REGISTER(rax), 31);
  trace(PTRACE_SETOPTIONS, child, 0, 0), trace(PTRACE_CONT, child, 0, 0), await("fifth is none", child, 0);
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  small_strace(), changer(), seccomp_trace();
}
