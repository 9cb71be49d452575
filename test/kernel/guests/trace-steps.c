// ptrace(2) as debuggers use it: breakpoints by int3 in code of a file, single steps over calls, signals and handlers, registers in all their forms, signals and masks of the tracee.
#include "trace.h"

static volatile int counter;
__attribute__((noinline)) static int twice(int value) { return counter += value, value * 2; }
static void handler(int signal) { counter += 100; }
static char *closed;
static int shared_fd;
static char *mapped;
static void work(void) {
  int sum = 0;
  for (int i = 0; i < 5; i++) sum += twice(i);
  printf("sum %d, counter %d\n", sum, counter);
  raise(SIGUSR1), raise(SIGUSR2);
  sigset_t set;
  sigemptyset(&set), sigaddset(&set, SIGRTMIN), sigprocmask(SIG_BLOCK, &set, NULL);
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 7}), sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 8});
  syscall(SYS_tgkill, getpid(), getpid(), SIGRTMIN), raise(SIGTRAP);
  exit(counter & 63);
}
static pid_t start(void (*what)(void)) {
  pid_t child = fork();
  if (child == 0) trace(PTRACE_TRACEME, 0, 0, 0), raise(SIGSTOP), what(), exit(0);
  await("start", child, 0);
  return child;
}
static int proceed(pid_t child, long request, unsigned long signal, const char *what) {
  if (trace(request, child, 0, signal) == -1) printf("%s: %s\n", what, strerrorname_np(errno));
  return await(what, child, 0);
}
static void breakpoints(void) {
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGUSR1, &action, NULL);
  pid_t child = start(work);
  unsigned long at = (unsigned long)twice, code = peek(child, at);
  struct user_regs_struct registers;
  works("int3", trace(PTRACE_POKETEXT, child, at, (code & ~0xff) | 0xcc));
  check(peek(child, at) == ((code & ~0xff) | 0xcc) && *(unsigned long *)at == code, "only the child's");
  for (int i = 0; i < 5; i++) {
    proceed(child, PTRACE_CONT, 0, "breakpoint"), show_signal("info", child);
    trace(PTRACE_GETREGS, child, 0, (unsigned long)&registers);
    printf("rip is %d after, rdi %llu, orig_rax %lld\n", (int)(registers.rip - at), registers.rdi, registers.orig_rax);
    registers.rip--, registers.rdi += 10;
    trace(PTRACE_SETREGS, child, 0, (unsigned long)&registers), trace(PTRACE_POKETEXT, child, at, code);
    proceed(child, PTRACE_SINGLESTEP, 0, "step"), show_signal("info", child);
    check(user(child, REGISTER(rip)) > at && user(child, REGISTER(rip)) < at + 8 && (user(child, REGISTER(eflags)) & 0x100) == 0, "one instruction");
    trace(PTRACE_POKETEXT, child, at, (code & ~0xff) | 0xcc);
  }
  trace(PTRACE_POKETEXT, child, at, code);
  proceed(child, PTRACE_CONT, 0, "a signal with a handler"), show_signal("info", child);
  printf("orig_rax %ld, rax %ld\n", user(child, REGISTER(orig_rax)), user(child, REGISTER(rax)));
  proceed(child, PTRACE_SINGLESTEP, SIGUSR1, "into the handler"), show_signal("info", child);
  check(user(child, REGISTER(rip)) == (unsigned long)handler && user(child, REGISTER(rdi)) == SIGUSR1, "at its first instruction");
  siginfo_t info;
  proceed(child, PTRACE_CONT, 0, "a deadly signal"), works("its info", trace(PTRACE_GETSIGINFO, child, 0, (unsigned long)&info));
  proceed(child, PTRACE_CONT, 0, "which is dropped"), show_signal("info", child);
  struct ptrace_peeksiginfo_args args = {0, 0, 10};
  siginfo_t infos[4];
  args.nr = 4, tell("pending for it", trace(PTRACE_PEEKSIGINFO, child, (unsigned long)&args, (unsigned long)infos)), printf("%d %d\n", infos[0].si_signo == SIGRTMIN, infos[0].si_code);
  args.flags = 1, tell("for its process", trace(PTRACE_PEEKSIGINFO, child, (unsigned long)&args, (unsigned long)infos)), printf("%d %d\n", infos[0].si_value.sival_int, infos[1].si_value.sival_int);
  args.off = 1, tell("from the second", trace(PTRACE_PEEKSIGINFO, child, (unsigned long)&args, (unsigned long)infos)), printf("%d\n", infos[0].si_value.sival_int);
  args.off = 5, tell("none", trace(PTRACE_PEEKSIGINFO, child, (unsigned long)&args, (unsigned long)infos)), args.flags = 2, tell("flags", trace(PTRACE_PEEKSIGINFO, child, (unsigned long)&args, (unsigned long)infos));
  args.off = 0, args.flags = 1, args.nr = -1, tell("negative", trace(PTRACE_PEEKSIGINFO, child, (unsigned long)&args, (unsigned long)infos)), args.nr = 4, tell("nowhere", trace(PTRACE_PEEKSIGINFO, child, (unsigned long)&args, 8)), tell("no arguments", trace(PTRACE_PEEKSIGINFO, child, 8, (unsigned long)infos));
  unsigned long mask = 0;
  tell("mask", trace(PTRACE_GETSIGMASK, child, 8, (unsigned long)&mask)), printf("%lx\n", mask), tell("its size", trace(PTRACE_GETSIGMASK, child, 4, (unsigned long)&mask));
  mask = ~0ul, tell("all", trace(PTRACE_SETSIGMASK, child, 8, (unsigned long)&mask)), trace(PTRACE_GETSIGMASK, child, 8, (unsigned long)&mask), printf("%lx\n", mask), tell("its size", trace(PTRACE_SETSIGMASK, child, 16, (unsigned long)&mask));
  mask = 1ul << (SIGRTMIN - 1), trace(PTRACE_SETSIGMASK, child, 8, (unsigned long)&mask);
  proceed(child, PTRACE_CONT, SIGUSR1, "another signal instead");
}
// An instruction a step, across calls into the kernel.
static void stepped(void) {
  __asm__ volatile("mov $39, %%eax\nsyscall\nmov $1, %%ecx\npushfq\npopq %%rdx\nmov $110, %%eax\nsyscall\nnop\nint3\n" ::: "rax", "rcx", "rdx", "r11", "memory");
  exit(9);
}
static void steps(void) {
  pid_t child = start(stepped);
  int status, count = 0, calls = 0;
  unsigned long before = 0;
  for (int i = 0; i < 5000; i++) {
    before = user(child, REGISTER(rip));
    int isCall = (peek(child, before) & 0xffff) == 0x050f;
    trace(PTRACE_SINGLESTEP, child, 0, 0), waitpid(child, &status, 0);
    siginfo_t info;
    trace(PTRACE_GETSIGINFO, child, 0, (unsigned long)&info);
    if (isCall && (user(child, REGISTER(orig_rax)) == 39 || user(child, REGISTER(orig_rax)) == 110))
      printf("over a call: status %x, code %d, at %ld, addr %ld, rax %d\n", status, info.si_code, user(child, REGISTER(rip)) - before, (long)info.si_addr - before, user(child, REGISTER(rax)) > 1);
    if (info.si_code == 128) { printf("int3 after %d\n", (int)(user(child, REGISTER(rip)) - before)); break; }
  }
  printf("ecx %ld\n", user(child, REGISTER(rcx)) != 0);
  proceed(child, PTRACE_CONT, 0, "end");
}

static double twos[2];
static void floats(void) {
  double one = 1.5, result;
  __asm__ volatile("movsd %1, %%xmm5\nfldpi\nint3\nmovsd %%xmm5, %0\nfstp %%st(0)\n" : "=m"(result) : "m"(one) : "xmm5", "memory");
  printf("xmm5 %g\n", result);
  __asm__ volatile("int3\nmovsd %%xmm7, %0\n" : "=m"(result)::"memory");
  printf("xmm7 %g\n", result);
  __asm__ volatile("int3\nmovsd %%xmm7, %0\n" : "=m"(result)::"memory");
  printf("xmm7 %g\n", result);
  exit(0);
}
static void registers(void) {
  pid_t child = start(floats);
  proceed(child, PTRACE_CONT, 0, "floats");
  struct user_fpregs_struct fp;
  double value;
  works("fpregs", trace(PTRACE_GETFPREGS, child, 0, (unsigned long)&fp)), memcpy(&value, (char *)fp.xmm_space + 16 * 5, 8), printf("xmm5 %g, cwd %x, swd %x, ftw %x, mxcsr %x\n", value, fp.cwd, fp.swd, fp.ftw, fp.mxcsr);
  value = 2.25, memcpy((char *)fp.xmm_space + 16 * 5, &value, 8), works("set", trace(PTRACE_SETFPREGS, child, 0, (unsigned long)&fp));
  fp.mxcsr |= 0x10000, works("mxcsr", trace(PTRACE_SETFPREGS, child, 0, (unsigned long)&fp)), fp.mxcsr &= 0xffff;
  proceed(child, PTRACE_CONT, 0, "second");
  value = 3.75, memcpy((char *)fp.xmm_space + 16 * 7, &value, 8);
  struct iovec io = {&fp, sizeof fp};
  works("regset", trace(PTRACE_SETREGSET, child, NT_PRFPREG, (unsigned long)&io)), io.iov_len = 100, works("odd length", trace(PTRACE_SETREGSET, child, NT_PRFPREG, (unsigned long)&io)), io.iov_len = 96, works("too short", trace(PTRACE_SETREGSET, child, NT_PRFPREG, (unsigned long)&io));
  proceed(child, PTRACE_CONT, 0, "third");
  static unsigned char area[16384] __attribute__((aligned(64)));
  io = (struct iovec){area, sizeof area};
  works("xstate", trace(PTRACE_GETREGSET, child, NT_X86_XSTATE, (unsigned long)&io));
  unsigned long states = *(unsigned long *)(area + 464);
  check(io.iov_len >= 576 && (states & 3) == 3 && memcmp(area + 160 + 16 * 7, &value, 8) == 0, "its length, states and xmm7");
  value = 4.5, memcpy(area + 160 + 16 * 7, &value, 8), *(unsigned long *)(area + 512) |= 2;
  works("set", trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (unsigned long)&io));
  size_t whole = io.iov_len;
  io.iov_len = 576 < whole ? 576 : 512, works("a part", trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (unsigned long)&io)), io.iov_len = whole;
  area[600 - 64] = 1, works("reserved", trace(PTRACE_SETREGSET, child, NT_X86_XSTATE, (unsigned long)&io));
  struct user_regs_struct general, again;
  memset(&general, 0xee, sizeof general);
  io = (struct iovec){&general, sizeof general}, works("prstatus", trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (unsigned long)&io)), printf("%zu\n", io.iov_len);
  works("regs", trace(PTRACE_GETREGS, child, 0, (unsigned long)&again)), check(memcmp(&general, &again, sizeof again) == 0, "the same");
  printf("cs %llx ss %llx ds %llx fs %llx flags %llx\n", general.cs, general.ss, general.ds, general.fs, general.eflags & ~0x8d5);
  check(user(child, REGISTER(rsp)) == general.rsp && general.fs_base != 0, "peekuser");
  io = (struct iovec){&again, 80}, works("a part", trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (unsigned long)&io)), printf("%zu\n", io.iov_len);
  again.r15 = 0x1234567890abcdef, io.iov_len = 8, works("set a part", trace(PTRACE_SETREGSET, child, NT_PRSTATUS, (unsigned long)&io)), printf("%lx, %zu\n", user(child, REGISTER(r15)), io.iov_len);
  io = (struct iovec){&again, 4096}, works("more than there is", trace(PTRACE_GETREGSET, child, NT_PRFPREG, (unsigned long)&(struct iovec){area, 4096}));
  io.iov_len = 12, works("length", trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (unsigned long)&io)), works("kind", trace(PTRACE_GETREGSET, child, 4711, (unsigned long)&io)), works("no iovec", trace(PTRACE_GETREGSET, child, NT_PRSTATUS, 8)), io = (struct iovec){(void *)8, 216}, works("no room", trace(PTRACE_GETREGSET, child, NT_PRSTATUS, (unsigned long)&io));
  works("nowhere", trace(PTRACE_GETREGS, child, 0, 8)), works("from nowhere", trace(PTRACE_SETREGS, child, 0, 8));
  works("odd place", trace(PTRACE_PEEKUSER, child, 4, (unsigned long)&value)), works("last", trace(PTRACE_PEEKUSER, child, sizeof(struct user) - 8, (unsigned long)&value)), works("beyond", trace(PTRACE_PEEKUSER, child, sizeof(struct user), (unsigned long)&value)), works("nowhere", trace(PTRACE_PEEKUSER, child, 0, 8));
  printf("%lx %lx %lx\n", user(child, offsetof(struct user, u_tsize)), user(child, offsetof(struct user, u_debugreg)), user(child, offsetof(struct user, u_debugreg[7])));
  works("odd", trace(PTRACE_POKEUSER, child, 3, 0)), works("not a register", trace(PTRACE_POKEUSER, child, offsetof(struct user, u_tsize), 0)), works("dr7", trace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[7]), 0)), works("dr4", trace(PTRACE_POKEUSER, child, offsetof(struct user, u_debugreg[4]), 0));
  works("kernel's base", trace(PTRACE_POKEUSER, child, REGISTER(fs_base), 0xffff800000000000)), works("no code", trace(PTRACE_POKEUSER, child, REGISTER(cs), 0)), works("ring 0", trace(PTRACE_POKEUSER, child, REGISTER(ss), 0x18));
  works("flags", trace(PTRACE_POKEUSER, child, REGISTER(eflags), 0xffffffffffbffeff & ~0x10100)), printf("%lx\n", user(child, REGISTER(eflags))), trace(PTRACE_POKEUSER, child, REGISTER(eflags), general.eflags);
  proceed(child, PTRACE_CONT, 0, "end");
}
// Memory that its owner may not touch, or others share.
static void touch(void) {
  raise(SIGSTOP);
  printf("%s %s\n", mapped, mapped + 4096);
  mprotect(closed, 4096, PROT_READ), printf("%s\n", closed);
  exit(0);
}
static void memory(void) {
  char name[] = "/tmp/trace-XXXXXX";
  int fd = mkstemp(name);
  ftruncate(fd, 8192), pwrite(fd, "from the file", 14, 0), pwrite(fd, "shared", 7, 4096);
  mapped = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, fd, 0), mmap(mapped + 4096, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 4096);
  closed = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), strcpy(closed, "hidden"), mprotect(closed, 4096, PROT_NONE), munmap(closed + 4096, 4096);
  pid_t child = start(touch);
  printf("%.6s\n", (char[8]){*(long *)&(long){peek(child, (unsigned long)closed)} & 0xff, 0});
  unsigned long word = peek(child, (unsigned long)closed);
  printf("%.8s\n", (char *)&word), memcpy(&word, "HIDDEN", 7), works("closed", trace(PTRACE_POKEDATA, child, (unsigned long)closed, word));
  memcpy(&word, "FROM THE", 8), works("read only", trace(PTRACE_POKETEXT, child, (unsigned long)mapped, word)), works("shared", trace(PTRACE_POKETEXT, child, (unsigned long)mapped + 4096, word));
  works("a hole", trace(PTRACE_PEEKDATA, child, (unsigned long)closed + 4096, (unsigned long)&word)), works("half a hole", trace(PTRACE_PEEKDATA, child, (unsigned long)closed + 4092, (unsigned long)&word)), works("poke a hole", trace(PTRACE_POKEDATA, child, (unsigned long)closed + 4092, 0)), works("nothing", trace(PTRACE_PEEKDATA, child, 0, (unsigned long)&word)), works("not the program's", trace(PTRACE_PEEKDATA, child, 0xffffffff81000000, (unsigned long)&word)), works("nowhere", trace(PTRACE_PEEKDATA, child, (unsigned long)mapped, 8));
  char text[16];
  pread(fd, text, 14, 0), printf("%s, %s\n", text, mapped);
  proceed(child, PTRACE_CONT, 0, "its stop"), proceed(child, PTRACE_CONT, 0, "end"), unlink(name);
}
int main(void) {
  setvbuf(stdout, NULL, _IONBF, 0);
  breakpoints(), steps(), registers(), memory();
}
