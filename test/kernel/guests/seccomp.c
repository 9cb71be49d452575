// seccomp: what is refused, what filters answer, who inherits them, threads that are brought to the same, strict mode.
#include "check.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#define LOAD(offset) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset)
#define NUMBER LOAD(offsetof(struct seccomp_data, nr))
#define ANSWER(value) BPF_STMT(BPF_RET | BPF_K, value)
#define ON(call, value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1), ANSWER(value)
static long seccomp(unsigned operation, unsigned flags, void *args) { return syscall(SYS_seccomp, operation, flags, args); }
static long filter(unsigned flags, struct sock_filter *code, int length) {
  struct sock_fprog program = {length, code};
  return seccomp(SECCOMP_SET_MODE_FILTER, flags, &program);
}
#define FILTER(flags, ...) ({ struct sock_filter code[] = {__VA_ARGS__}; filter(flags, code, sizeof code / sizeof *code); })

static void run(const char *name, void (*act)(void)) {
  int status;
  fflush(stdout);
  if (fork() == 0) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), act(), exit(7);
  wait(&status);
  if (WIFEXITED(status)) printf("%s: exits with %d\n", name, WEXITSTATUS(status));
  else printf("%s: killed by %d\n", name, WTERMSIG(status));
  fflush(stdout);
}
static void row(const char *name) {
  char line[200];
  FILE *file = fopen("/proc/self/status", "r");
  while (file && fgets(line, 200, file)) if (strncmp(line, name, strlen(name)) == 0) printf("%s", line);
  if (file) fclose(file);
}
static void refusals(void) {
  unsigned action = SECCOMP_RET_KILL_THREAD;
  tell("no operation", seccomp(9, 0, NULL)), tell("strict with flags", seccomp(0, 1, NULL)), tell("strict with arguments", seccomp(0, 0, &action)), tell("no flag", seccomp(1, 64, NULL));
  tell("no program", seccomp(1, 0, NULL)), tell("empty", FILTER(0)), tell("too long", ({ struct sock_filter one = ANSWER(0); filter(0, &one, 4097); }));
  struct sock_fprog away = {1, (void *)8};
  tell("nowhere", seccomp(1, 0, &away));
  tell("no end", FILTER(0, NUMBER)), tell("unknown", FILTER(0, BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), ANSWER(0))), tell("odd", FILTER(0, LOAD(2), ANSWER(0))), tell("behind the end", FILTER(0, LOAD(64), ANSWER(0)));
  tell("by zero", FILTER(0, BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), ANSWER(0))), tell("shifted away", FILTER(0, BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), ANSWER(0)));
  tell("too far", FILTER(0, BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), ANSWER(0))), tell("one branch too far", FILTER(0, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1), ANSWER(0)));
  tell("nothing stored", FILTER(0, BPF_STMT(BPF_LD | BPF_MEM, 3), ANSWER(0))), tell("no such cell", FILTER(0, BPF_STMT(BPF_ST, 16), ANSWER(0)));
  tell("remainder", FILTER(0, BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), ANSWER(0))), tell("extension", FILTER(0, LOAD(SKF_AD_OFF), ANSWER(0)));
  tell("kill is known", seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action)), action = SECCOMP_RET_ERRNO, tell("errno too", seccomp(2, 0, &action));
  action = 0x12340000, tell("no action", seccomp(2, 0, &action)), tell("no pointer", seccomp(2, 0, NULL)), tell("flags", seccomp(2, 1, &action));
  unsigned short sizes[3] = {0};
  tell("sizes", seccomp(SECCOMP_GET_NOTIF_SIZES, 0, sizes)), printf("%d %d %d\n", sizes[0], sizes[1], sizes[2]);
  tell("prctl", prctl(PR_SET_SECCOMP, 3, NULL)), tell("no filter", prctl(PR_SET_SECCOMP, 2, NULL)), tell("mode", prctl(PR_GET_SECCOMP));
}
static void unprivileged(void) {
  setresuid(1000, 1000, 1000), tell("without the promise", FILTER(0, ANSWER(SECCOMP_RET_ALLOW)));
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), tell("with it", FILTER(0, ANSWER(SECCOMP_RET_ALLOW))), row("NoNewPrivs"), row("Seccomp");
  tell("mode", prctl(PR_GET_SECCOMP)), tell("no way to strict", seccomp(0, 0, NULL)), exit(0);
}
static void answers(void) {
  tell("filter", FILTER(SECCOMP_FILTER_FLAG_LOG | SECCOMP_FILTER_FLAG_SPEC_ALLOW, NUMBER, ON(SYS_getuid, SECCOMP_RET_ERRNO | EXDEV), ON(SYS_getgid, SECCOMP_RET_ERRNO), ON(SYS_geteuid, SECCOMP_RET_ERRNO | 0xffff), ON(SYS_getegid, SECCOMP_RET_TRACE | 3), ON(SYS_getppid, SECCOMP_RET_LOG), ON(-5, SECCOMP_RET_ERRNO | EDOM), ON(1000, SECCOMP_RET_ERRNO | EUSERS), ANSWER(SECCOMP_RET_ALLOW)));
  tell("errno", syscall(SYS_getuid)), tell("none", syscall(SYS_getgid)), tell("nobody traces", syscall(SYS_getegid)), check(syscall(SYS_getppid) > 0, "logged");
  long most;
  asm volatile("syscall" : "=a"(most) : "a"(SYS_geteuid) : "rcx", "r11", "memory");
  printf("%ld\n", most), tell("a number that is none", syscall(-5)), tell("and one that is none", syscall(1000)), tell("another", syscall(1001));
  if (fork() == 0) tell("inherited", syscall(SYS_getuid)), exit(0);
  wait(NULL), row("Seccomp");
}
// Of several answers the most severe counts; of equal ones that of the latest filter.
static void several(void) {
  tell("one", FILTER(0, NUMBER, ON(SYS_getuid, SECCOMP_RET_ERRNO | 1), ON(SYS_getgid, SECCOMP_RET_ERRNO | 1), ANSWER(SECCOMP_RET_ALLOW)));
  tell("two", FILTER(0, NUMBER, ON(SYS_getuid, SECCOMP_RET_ERRNO | 2), ON(SYS_getgid, SECCOMP_RET_ALLOW), ON(SYS_geteuid, SECCOMP_RET_ERRNO | 3), ANSWER(SECCOMP_RET_ALLOW)));
  tell("both", syscall(SYS_getuid)), tell("the first", syscall(SYS_getgid)), tell("the second", syscall(SYS_geteuid)), row("Seccomp");
}
// Each instruction, by what a filter makes of getpriority's arguments.
static long computed(struct sock_filter *code, int length, unsigned a, unsigned b) {
  int ends[2], status;
  long value = -1;
  fflush(stdout), pipe(ends);
  if (fork() == 0) {
    struct sock_filter whole[64] = {NUMBER, BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getpriority, 1, 0), ANSWER(SECCOMP_RET_ALLOW), LOAD(24), BPF_STMT(BPF_MISC | BPF_TAX, 0), LOAD(16)};
    memcpy(whole + 6, code, length * sizeof *code);
    whole[6 + length] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xfff), whole[7 + length] = (struct sock_filter)BPF_STMT(BPF_ALU | BPF_OR | BPF_K, SECCOMP_RET_ERRNO), whole[8 + length] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_A, 0);
    if (filter(0, whole, 9 + length)) exit(errno);
    long raw;
    asm volatile("syscall" : "=a"(raw) : "a"(SYS_getpriority), "D"((long)a), "S"((long)b) : "rcx", "r11", "memory");
    write(ends[1], &raw, sizeof raw), exit(0);
  }
  wait(&status);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) read(ends[0], &value, sizeof value);
  else value = 100000 + status;
  close(ends[0]), close(ends[1]);
  return value;
}
#define COMPUTE(a, b, ...) ({ struct sock_filter code[] = {__VA_ARGS__}; printf(#__VA_ARGS__ ": %ld\n", computed(code, sizeof code / sizeof *code, a, b)); })
#define ALU(operation, source, k) BPF_STMT(BPF_ALU | operation | source, k)
static void arithmetic(void) {
  COMPUTE(5, 7, ALU(BPF_ADD, BPF_X, 0)), COMPUTE(5, 7, ALU(BPF_SUB, BPF_X, 0)), COMPUTE(0x10001, 0x30003, ALU(BPF_MUL, BPF_X, 0)), COMPUTE(100, 7, ALU(BPF_DIV, BPF_X, 0)), COMPUTE(100, 0, ALU(BPF_DIV, BPF_X, 0));
  COMPUTE(0xff0, 0x3c, ALU(BPF_AND, BPF_X, 0)), COMPUTE(0xff0, 0x3c, ALU(BPF_OR, BPF_X, 0)), COMPUTE(0xff0, 0x3c, ALU(BPF_XOR, BPF_X, 0)), COMPUTE(3, 4, ALU(BPF_LSH, BPF_X, 0)), COMPUTE(0x80000000, 28, ALU(BPF_RSH, BPF_X, 0)), COMPUTE(1, 0, ALU(BPF_NEG, BPF_K, 0));
  COMPUTE(5, 0, ALU(BPF_ADD, BPF_K, -1)), COMPUTE(5, 0, ALU(BPF_SUB, BPF_K, 2)), COMPUTE(5, 0, ALU(BPF_MUL, BPF_K, 100)), COMPUTE(0xffffffff, 0, ALU(BPF_DIV, BPF_K, 0x1000000)), COMPUTE(1, 0, ALU(BPF_LSH, BPF_K, 11)), COMPUTE(1, 33, ALU(BPF_LSH, BPF_X, 0));
  COMPUTE(9, 1, BPF_STMT(BPF_ST, 2), BPF_STMT(BPF_STX, 15), BPF_STMT(BPF_LD | BPF_IMM, 1), BPF_STMT(BPF_LDX | BPF_MEM, 2), BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0), BPF_STMT(BPF_LD | BPF_MEM, 15));
  COMPUTE(9, 1, BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0)), COMPUTE(9, 1, BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_MISC | BPF_TXA, 0)), COMPUTE(9, 1, BPF_STMT(BPF_LDX | BPF_IMM, 77), BPF_STMT(BPF_MISC | BPF_TXA, 0));
  int kinds[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};
  for (int i = 0; i < 4; i++) {
    for (unsigned a = 2; a < 5; a++) {
      struct sock_filter with_x[] = {BPF_JUMP(BPF_JMP | kinds[i] | BPF_X, 0, 1, 0), BPF_STMT(BPF_LD | BPF_IMM, 10), ALU(BPF_ADD, BPF_K, 1)}, with_k[] = {BPF_JUMP(BPF_JMP | kinds[i] | BPF_K, 0xffffffff, 0, 1), BPF_STMT(BPF_LD | BPF_IMM, 10), ALU(BPF_ADD, BPF_K, 1)};
      printf("%ld %ld ", computed(with_x, 3, a, 3), computed(with_k, 3, a == 2 ? -1 : a, 0));
    }
  }
  COMPUTE(3, 0, BPF_JUMP(BPF_JMP | BPF_JA, 1, 0, 0), BPF_STMT(BPF_LD | BPF_IMM, 10));
}
static volatile int traps;
static void trapped(int signal, siginfo_t *info, void *context) {
  ucontext_t *at = context;
  traps++;
  check(signal == SIGSYS && info->si_code == 1 && info->si_errno == 42 && info->si_syscall == SYS_getuid && info->si_arch == AUDIT_ARCH_X86_64, "told of the call");
  check((long)info->si_call_addr == at->uc_mcontext.gregs[REG_RIP] && at->uc_mcontext.gregs[REG_RAX] == SYS_getuid, "where it was made");
  at->uc_mcontext.gregs[REG_RAX] = 4321;
}
static void traps_on(void) { tell("filter", FILTER(0, NUMBER, ON(SYS_getuid, SECCOMP_RET_TRAP | 42), ANSWER(SECCOMP_RET_ALLOW))); }
static void trap(void) {
  struct sigaction action = {.sa_flags = SA_SIGINFO};
  action.sa_sigaction = trapped, sigaction(SIGSYS, &action, NULL), traps_on();
  printf("%ld %d\n", syscall(SYS_getuid), traps);
}
static void trap_without(void) { traps_on(), syscall(SYS_getuid); }
static void trap_ignored(void) { signal(SIGSYS, SIG_IGN), traps_on(), syscall(SYS_getuid); }
static void trap_blocked(void) {
  sigset_t set;
  struct sigaction action = {.sa_flags = SA_SIGINFO};
  action.sa_sigaction = trapped, sigaction(SIGSYS, &action, NULL);
  sigemptyset(&set), sigaddset(&set, SIGSYS), sigprocmask(SIG_BLOCK, &set, NULL), traps_on(), syscall(SYS_getuid);
}
static void handled(int signal) { write(1, "handled\n", 8); }
static void kills(unsigned action) { signal(SIGSYS, handled), FILTER(0, NUMBER, ON(SYS_getuid, action), ANSWER(SECCOMP_RET_ALLOW)); }
static void kill_process(void) { kills(SECCOMP_RET_KILL_PROCESS), syscall(SYS_getuid); }
static void kill_thread(void) { kills(SECCOMP_RET_KILL_THREAD), syscall(SYS_getuid); }
static void unknown_action(void) { kills(0x12340000), syscall(SYS_getuid); }
static void *calls(void *unused) { return (void *)syscall(SYS_getuid); }
static void in_thread(void) {
  pthread_t thread;
  void *result = "nothing";
  pthread_create(&thread, NULL, calls, NULL), pass_time(10), printf("goes on\n"), exit(5);
}
static void kill_one(void) { kills(SECCOMP_RET_KILL_THREAD), in_thread(); }
static void kill_all(void) { kills(SECCOMP_RET_KILL_PROCESS), in_thread(); }
static volatile int go;
static void *waits(void *own) {
  if (own) FILTER(0, ANSWER(SECCOMP_RET_ALLOW));
  while (go == 0) pass_time(1);
  tell("in the thread", syscall(SYS_getuid)), row("Seccomp");
  return NULL;
}
static void together(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, waits, NULL), pass_time(5);
  tell("all", FILTER(SECCOMP_FILTER_FLAG_TSYNC, NUMBER, ON(SYS_getuid, SECCOMP_RET_ERRNO | 9), ANSWER(SECCOMP_RET_ALLOW))), go = 1, pthread_join(thread, NULL), go = 0;
  pthread_create(&thread, NULL, waits, "own"), pass_time(5);
  check(FILTER(SECCOMP_FILTER_FLAG_TSYNC, ANSWER(SECCOMP_RET_ALLOW)) > 0, "a thread with its own");
  tell("as an errno", FILTER(SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_TSYNC_ESRCH, ANSWER(SECCOMP_RET_ALLOW))), go = 1, pthread_join(thread, NULL);
}
static void strict(void) {
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT), write(1, "still writes\n", 13), syscall(SYS_exit, 3);
}
static void strict_dies(void) { seccomp(SECCOMP_SET_MODE_STRICT, 0, NULL), write(1, "writes\n", 7), syscall(SYS_getpid); }
static void executes(void) {
  char path[200];
  path[readlink("/proc/self/exe", path, 199)] = 0;
  FILTER(0, NUMBER, ON(SYS_getuid, SECCOMP_RET_ERRNO | 33), ANSWER(SECCOMP_RET_ALLOW)), execl(path, path, "again", NULL);
}
int main(int count, char **words) {
  if (count > 1) return tell("after execve", syscall(SYS_getuid)), 0;
  run("refusals", refusals);
  fflush(stdout);
  if (fork() == 0) unprivileged();
  wait(NULL);
  run("answers", answers), run("several", several), run("arithmetic", arithmetic), run("trap", trap), run("no handler", trap_without), run("ignored", trap_ignored), run("blocked", trap_blocked);
  run("kill process", kill_process), run("kill thread", kill_thread), run("unknown", unknown_action), run("one thread", kill_one), run("all threads", kill_all), run("together", together), run("strict", strict), run("strictly", strict_dies), run("execve", executes);
  return 0;
}
