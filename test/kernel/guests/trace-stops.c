// ptrace(2): attaching to processes that run, with threads; group-stops, interrupting and listening; ends of tracees and tracers; programs executed under a tracer; what is refused, and in which order.
#include "trace.h"

static int pipes[2];
static void nothing(int signal) {}
static void sleep_on(void) { for (;;) pause(); }
static pid_t sleeper(void) {
  pid_t child = fork();
  if (child == 0) sleep_on();
  pass_time(20);
  return child;
}
static void end(pid_t child) { kill(child, SIGKILL), await("killed", child, __WALL); }

static void errors(void) {
  pid_t child = sleeper(), other;
  unsigned long word;
  tell("nobody", trace(PTRACE_ATTACH, 999999, 0, 0)), tell("oneself", trace(PTRACE_ATTACH, getpid(), 0, 0)), tell("not a tracee", trace(PTRACE_CONT, child, 0, 0)), tell("unknown", trace(4711, child, 0, 0)), tell("unknown, of nobody", trace(4711, 999999, 0, 0));
  tell("seize with an address", trace(PTRACE_SEIZE, child, 1, 0)), tell("seize with odd options", trace(PTRACE_SEIZE, child, 0, 1 << 30)), tell("seize nobody", trace(PTRACE_SEIZE, 999999, 1, 1 << 30));
  tell("attach", trace(PTRACE_ATTACH, child, 0, 0)), await("stop", child, 0), show_signal("info", child), tell("again", trace(PTRACE_ATTACH, child, 0, 0)), tell("seize", trace(PTRACE_SEIZE, child, 0, 0));
  tell("unknown", trace(4711, child, 0, 0)), tell("signal", trace(PTRACE_CONT, child, 0, 65)), tell("detach with one", trace(PTRACE_DETACH, child, 0, 65)), tell("interrupt", trace(PTRACE_INTERRUPT, child, 0, 0)), tell("listen", trace(PTRACE_LISTEN, child, 0, 0));
  tell("options", trace(PTRACE_SETOPTIONS, child, 0, 1 << 10)), tell("options", trace(PTRACE_SETOPTIONS, child, 0, 1ul << 40)), tell("options", trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  tell("message", trace(PTRACE_GETEVENTMSG, child, 0, (unsigned long)&word)), printf("%lu\n", word), tell("nowhere", trace(PTRACE_GETEVENTMSG, child, 0, 8)), tell("info nowhere", trace(PTRACE_GETSIGINFO, child, 0, 8)), tell("from nowhere", trace(PTRACE_SETSIGINFO, child, 0, 8));
  struct ptrace_syscall_info info;
  tell("no call", trace(PTRACE_GET_SYSCALL_INFO, child, sizeof info, (unsigned long)&info)), printf("%d\n", info.op), tell("a byte", trace(PTRACE_GET_SYSCALL_INFO, child, 1, (unsigned long)&info)), tell("nowhere", trace(PTRACE_GET_SYSCALL_INFO, child, 88, 8));
  printf("orig_rax %ld, rax %ld\n", user(child, REGISTER(orig_rax)), user(child, REGISTER(rax)));
  show_field("state", child, "State"), show_field("tracer", child, "TracerPid");
  if (fork() == 0) tell("not its tracer", trace(PTRACE_CONT, child, 0, 0)), tell("attach another's", trace(PTRACE_ATTACH, child, 0, 0)), exit(0);
  await("other", -1, 0);
  tell("go", trace(PTRACE_CONT, child, 0, 0)), tell("running", trace(PTRACE_CONT, child, 0, 0)), tell("peek", trace(PTRACE_PEEKDATA, child, (unsigned long)&pipes, (unsigned long)&word)), tell("peek nowhere", trace(PTRACE_PEEKDATA, child, 0, 8)), tell("detach", trace(PTRACE_DETACH, child, 0, 0)), tell("interrupt", trace(PTRACE_INTERRUPT, child, 0, 0));
  tell("kill", trace(PTRACE_KILL, child, 0, 0)), await("end", child, 0), tell("gone", trace(PTRACE_CONT, child, 0, 0));
  child = sleeper();
  if (fork() == 0) {
    setresuid(1000, 1000, 1000);
    tell("another's", trace(PTRACE_ATTACH, child, 0, 0)), tell("seize", trace(PTRACE_SEIZE, child, 0, 0)), tell("seize with an address", trace(PTRACE_SEIZE, child, 1, 0)), exit(0);
  }
  await("unprivileged", -1, 0), kill(child, SIGKILL), waitid(P_PID, child, NULL, WEXITED | WNOWAIT), tell("a zombie", trace(PTRACE_ATTACH, child, 0, 0)), await("it", child, 0);
  if ((child = fork()) == 0) tell("trace me", trace(PTRACE_TRACEME, 0, 0, 0)), tell("again", trace(PTRACE_TRACEME, 0, 0, 0)), exit(0);
  await("traced", child, 0);
}

static volatile int ticks[4], stops;
static void *spin(void *number) {
  if (number == 0) for (;;) ticks[0]++;
  if ((long)number == 1) for (;;) pause();
  char byte;
  for (;;) read(pipes[0], &byte, 1);
}
static void threads(void) {
  pipe(pipes);
  int ready[2];
  pipe(ready);
  pid_t child = fork();
  if (child == 0) {
    pthread_t thread;
    for (long i = 0; i < 3; i++) pthread_create(&thread, NULL, spin, (void *)i);
    pass_time(30), write(ready[1], "x", 1), sleep_on();
  }
  char byte;
  read(ready[0], &byte, 1);
  pid_t tids[8];
  int count = 0;
  for (pid_t tid = child; tid < child + 40 && count < 4; tid++) if (syscall(SYS_tgkill, child, tid, 0) == 0) tids[count++] = tid;
  printf("%d threads\n", count);
  for (int i = 0; i < count; i++) works("seize", trace(PTRACE_SEIZE, tids[i], 0, i == 1 ? PTRACE_O_TRACESYSGOOD : PTRACE_O_TRACEEXIT));
  await("none has stopped", -1, __WALL | WNOHANG), tell("cannot be asked", trace(PTRACE_GETREGS, tids[1], 0, (unsigned long)&byte));
  for (int i = 0; i < count; i++) works("interrupt", trace(PTRACE_INTERRUPT, tids[i], 0, 0)), await("interrupted", tids[i], __WALL), show_signal("info", tids[i]);
  for (int i = 0; i < count; i++) printf("orig_rax %ld, rax %ld\n", user(tids[i], REGISTER(orig_rax)), i == 1 ? 0 : user(tids[i], REGISTER(rax)));
  await("once", tids[2], __WALL | WNOHANG);
  struct user_regs_struct registers, later;
  trace(PTRACE_GETREGS, tids[1], 0, (unsigned long)&registers), pass_time(20), trace(PTRACE_GETREGS, tids[1], 0, (unsigned long)&later), check(memcmp(&registers, &later, sizeof later) == 0, "it stands still");
  for (int i = 0; i < count; i++) trace(PTRACE_CONT, tids[i], 0, 0);
  // The whole process is stopped: each thread tells.
  kill(child, SIGSTOP);
  int seen = 0, status;
  pid_t stopper = 0;
  while (seen < count) {
    pid_t tid = waitpid(-1, &status, __WALL);
    if (status >> 8 == SIGSTOP) stopper = tid, trace(PTRACE_CONT, tid, 0, SIGSTOP);
    else if (status >> 8 == (SIGSTOP | PTRACE_EVENT_STOP << 8)) seen++;
    else printf("unexpected: %x\n", status);
  }
  check(stopper != 0, "one has taken the signal"), show_signal("group-stop", tids[2]), show_field("state", child, "State");
  for (int i = 0; i < count; i++) works("listen", trace(PTRACE_LISTEN, tids[i], 0, 0));
  tell("listens", trace(PTRACE_CONT, tids[0], 0, 0)), await("nothing new", -1, __WALL | WNOHANG);
  works("interrupt", trace(PTRACE_INTERRUPT, tids[3], 0, 0)), await("again", tids[3], __WALL), works("listen", trace(PTRACE_LISTEN, tids[3], 0, 0));
  kill(child, SIGCONT);
  for (seen = 0; seen < count + 1;) {
    pid_t tid = waitpid(-1, &status, __WALL);
    if (status >> 8 == SIGCONT) seen++, trace(PTRACE_CONT, tid, 0, SIGCONT);
    else if (status >> 8 == (SIGTRAP | PTRACE_EVENT_STOP << 8)) seen++, trace(PTRACE_CONT, tid, 0, 0);
    else printf("unexpected: %x\n", status);
  }
  // A thread at its calls, then the end of all.
  works("interrupt", trace(PTRACE_INTERRUPT, tids[3], 0, 0)), await("interrupted", tids[3], __WALL), trace(PTRACE_SYSCALL, tids[3], 0, 0), await("its read is made again", tids[3], __WALL), printf("orig_rax %ld\n", user(tids[3], REGISTER(orig_rax))), trace(PTRACE_SYSCALL, tids[3], 0, 0), write(pipes[1], "x", 1), await("and made", tids[3], __WALL), printf("rax %ld\n", user(tids[3], REGISTER(rax)));
  works("interrupt", trace(PTRACE_INTERRUPT, tids[2], 0, 0)), await("interrupted", tids[2], __WALL), works("detach", trace(PTRACE_DETACH, tids[2], 0, 0)), tell("detached", trace(PTRACE_INTERRUPT, tids[2], 0, 0));
  trace(PTRACE_CONT, tids[3], 0, 0), kill(child, SIGTERM);
  int ended = 0, told = 0, deadly = 0;
  unsigned long message;
  for (pid_t tid; (tid = waitpid(-1, &status, __WALL)) > 0;) {
    if (WIFSTOPPED(status) && status >> 16 == PTRACE_EVENT_EXIT) told++, trace(PTRACE_GETEVENTMSG, tid, 0, (unsigned long)&message), trace(PTRACE_CONT, tid, 0, 0), deadly += message == SIGTERM;
    else if (WIFSTOPPED(status)) trace(PTRACE_CONT, tid, 0, WSTOPSIG(status));
    else ended++, tid == child ? show_status("process", status) : show_status("thread", status);
  }
  printf("%d told, of %d the signal, %d ended\n", told, deadly, ended);
}

static void group_stops(void) {
  // Attached the old way: a group-stop looks like any, but has no siginfo; SIGCONT does not end it.
  pid_t child = sleeper();
  setpgid(child, child); // Of an orphaned group SIGTSTP stops nobody.
  trace(PTRACE_ATTACH, child, 0, 0), await("attached", child, 0), trace(PTRACE_CONT, child, 0, 0);
  kill(child, SIGTSTP), await("signal", child, 0), show_signal("info", child), trace(PTRACE_CONT, child, 0, SIGTSTP), await("group-stop", child, 0), show_signal("info", child), show_field("state", child, "State");
  kill(child, SIGCONT), await("still", child, WNOHANG), trace(PTRACE_CONT, child, 0, 0), await("then", child, 0), trace(PTRACE_CONT, child, 0, SIGCONT), end(child);
  // Stopped already.
  child = sleeper();
  kill(child, SIGSTOP), await("stopped", child, WUNTRACED), trace(PTRACE_SEIZE, child, 0, 0), await("seized", child, 0), show_signal("info", child), trace(PTRACE_DETACH, child, 0, 0), pass_time(20), show_field("state", child, "State"), await("not again", child, WUNTRACED | WNOHANG);
  kill(child, SIGCONT), await("goes on", child, WCONTINUED), end(child);
  child = sleeper();
  kill(child, SIGSTOP), await("stopped", child, WUNTRACED), trace(PTRACE_ATTACH, child, 0, 0), await("attached", child, 0), trace(PTRACE_CONT, child, 0, 0), await("its own stop", child, 0), trace(PTRACE_CONT, child, 0, 0), kill(child, SIGCONT), await("the other", child, 0), end(child);
  // Signals nobody would see.
  child = fork();
  if (child == 0) {
    trace(PTRACE_TRACEME, 0, 0, 0), signal(SIGUSR1, SIG_IGN), raise(SIGUSR1), raise(SIGCHLD), raise(SIGWINCH);
    exit(1);
  }
  await("ignored", child, 0), trace(PTRACE_CONT, child, 0, SIGUSR1), await("of no interest", child, 0), trace(PTRACE_CONT, child, 0, SIGCHLD), await("nor this", child, 0);
  siginfo_t info;
  trace(PTRACE_GETSIGINFO, child, 0, (unsigned long)&info), info.si_signo = SIGTERM, info.si_code = -1, works("changed", trace(PTRACE_SETSIGINFO, child, 0, (unsigned long)&info)), trace(PTRACE_CONT, child, 0, SIGTERM), await("end", child, 0);
}

static void children(void) {
  // A parent does not see what others trace.
  int ends[2];
  pipe(ends);
  pid_t child = fork();
  if (child == 0) {
    pid_t traced = fork();
    if (traced == 0) pass_time(60), _exit(11);
    write(ends[1], &traced, sizeof traced);
    int status;
    waitpid(traced, &status, 0), pass_time(50), show_status("the parent waits", status), exit(0);
  }
  pid_t traced;
  read(ends[0], &traced, sizeof traced), trace(PTRACE_SEIZE, traced, 0, 0), await("no child", child, WNOHANG);
  siginfo_t info = {0};
  tell("waitid", waitid(P_PID, traced, &info, WEXITED)), printf("code %d, status %d\n", info.si_code, info.si_status), await("its parent", child, 0);
  // A tracer that ends, with and without EXITKILL.
  for (int kills = 0; kills < 2; kills++) {
    child = sleeper();
    pid_t tracer = fork();
    if (tracer == 0) {
      trace(PTRACE_SEIZE, child, 0, kills ? PTRACE_O_EXITKILL : 0), trace(PTRACE_INTERRUPT, child, 0, 0), await("interrupted", child, __WALL), show_field("tracer", child, "TracerPid"), exit(0);
    }
    await("tracer", tracer, 0);
    if (!kills) pass_time(20), show_field("state", child, "State"), show_field("tracer", child, "TracerPid"), kill(child, SIGTERM);
    await("without its tracer", child, 0);
  }
  // A signal that the tracer has seen is gone with it.
  child = sleeper();
  pid_t tracer = fork();
  if (tracer == 0) trace(PTRACE_ATTACH, child, 0, 0), await("attached", child, 0), trace(PTRACE_CONT, child, 0, 0), kill(child, SIGTERM), await("term", child, 0), exit(0);
  await("tracer", tracer, 0);
  pass_time(20), await("lives", child, WNOHANG), end(child);
}

static void *execute(void *self) { execl(self, self, "end", NULL), abort(); }
static void executions(void) {
  char self[4096];
  self[readlink("/proc/self/exe", self, sizeof self - 1)] = 0;
  pid_t child = fork();
  if (child == 0) trace(PTRACE_TRACEME, 0, 0, 0), execl(self, self, "end", NULL);
  await("plain", child, 0), show_signal("info", child), printf("rax %ld, orig_rax %ld\n", user(child, REGISTER(rax)), user(child, REGISTER(orig_rax)));
  trace(PTRACE_CONT, child, 0, 0), await("end", child, 0);
  child = fork();
  if (child == 0) {
    pthread_t thread;
    raise(SIGSTOP);
    pthread_create(&thread, NULL, (void *)sleep_on, NULL), pthread_create(&thread, NULL, execute, self), sleep_on();
  }
  await("stopped", child, WUNTRACED), trace(PTRACE_SEIZE, child, 0, PTRACE_O_TRACEEXEC | PTRACE_O_TRACECLONE | PTRACE_O_TRACESYSGOOD), await("seized", child, 0), kill(child, SIGCONT), trace(PTRACE_CONT, child, 0, 0);
  int status, ended = 0;
  unsigned long message = 0;
  pid_t first = 0, second = 0;
  for (pid_t tid; (tid = waitpid(-1, &status, __WALL)) > 0;) {
    if (WIFEXITED(status) && tid == child) { show_status("process", status); continue; }
    if (!WIFSTOPPED(status)) { ended++, show_status(tid == first ? "the other thread" : "?", status); continue; }
    if (status >> 16 == PTRACE_EVENT_CLONE) trace(PTRACE_GETEVENTMSG, tid, 0, (unsigned long)&message), first ? (second = message) : (first = message);
    if (status >> 16 == PTRACE_EVENT_EXEC) trace(PTRACE_GETEVENTMSG, tid, 0, (unsigned long)&message), printf("exec by %s, told by %s, rax %ld\n", message == second ? "the second" : "?", tid == child ? "the first" : "?", user(tid, REGISTER(rax))), trace(PTRACE_SYSCALL, tid, 0, 0), await("its end", tid, 0), printf("rax %ld, orig_rax %ld\n", user(tid, REGISTER(rax)), user(tid, REGISTER(orig_rax)));
    trace(PTRACE_CONT, tid, 0, status >> 16 || WSTOPSIG(status) == SIGCONT ? 0 : WSTOPSIG(status));
  }
  printf("%d thread ended\n", ended);
}
// A thread that makes a child is the one that traces it.
static void *trace_from_thread(void *unused) {
  pid_t child = fork();
  if (child == 0) trace(PTRACE_TRACEME, 0, 0, 0), raise(SIGSTOP), _exit(4);
  await("from its thread", child, 0), works("go", trace(PTRACE_CONT, child, 0, 0)), await("end", child, 0);
  child = sleeper();
  trace(PTRACE_ATTACH, child, 0, 0), await("attached", child, 0);
  return (void *)(long)child;
}
static void tracer_threads(void) {
  pthread_t thread;
  void *child;
  pthread_create(&thread, NULL, trace_from_thread, NULL), pthread_join(thread, &child), pass_time(10);
  tell("not by another thread", trace(PTRACE_CONT, (long)child, 0, 0)), show_field("nobody is left", (long)child, "TracerPid"), end((long)child);
  pid_t mine = sleeper();
  trace(PTRACE_ATTACH, mine, 0, 0), await("mine", mine, __WNOTHREAD), end(mine);
}
int main(int count, char **words) {
  setvbuf(stdout, NULL, _IONBF, 0);
  if (count > 1) exit(12);
  errors(), threads(), group_stops(), children(), executions(), tracer_threads();
}
