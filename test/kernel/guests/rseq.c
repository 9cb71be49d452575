// Restartable sequences: rseq(2)'s errnos, a sequence left by a signal and by losing the processor, and descriptions that make no sense. Prints the same on Linux.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/rseq.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/rseq.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define SIGNATURE 0x53053053
static char room[256] __attribute__((aligned(64)));
static struct rseq *area = (struct rseq *)room;

static const char *answer(const void *at, unsigned length, int flags, unsigned signature) {
  return syscall(SYS_rseq, at, length, flags, signature) == 0 ? "0" : strerrorname_np(errno);
}
static void show(const char *when) {
  // The last two are node_id and mm_cid, which older headers do not have.
  const unsigned *words = (unsigned *)room;
  printf("%s: %x %x %x %x %x %x\n", when, words[0], words[1], words[2], words[4], words[5], words[6]);
}
static void errnos(void) {
  memset(room, 0x11, sizeof room);
  area->flags = 0;
  printf("too short %s, not aligned %s %s\n", answer(room, 16, 0, 1), answer(room + 8, 32, 0, 1), answer(room + 16, 40, 0, 1));
  printf("flags %s, unregister nothing %s\n", answer(room, 32, 2, 1), answer(room, 32, 1, 1));
  printf("nowhere %s %s %s\n", answer(0, 32, 0, 1), answer((void *)0x1000, 32, 0, 1), answer((void *)0x7ffffffff000, 32, 0, 1));
  printf("register %s\n", answer(room, 32, 0, 1));
  // Which processor, natively, is chance.
  area->cpu_id_start = area->cpu_id = 0;
  *(unsigned *)(room + 24) = 0;
  show("registered");
  printf("again %s, other signature %s, other length %s, other place %s\n", answer(room, 32, 0, 1), answer(room, 32, 0, 2), answer(room, 64, 0, 1),
         answer(room + 64, 32, 0, 1));
  printf("unregister: flags %s, place %s, length %s, signature %s, %s\n", answer(room, 32, 3, 1), answer(room + 64, 32, 1, 1), answer(room, 64, 1, 1),
         answer(room, 32, 1, 2), answer(room, 32, 1, 1));
  show("unregistered");
}

extern char start[], end[], aborted[];
static struct { uint32_t version, flags; uint64_t start, length, abort; } section __attribute__((aligned(32)));
static volatile int isCaught;
static int isAtAbort;
static void caught(int number, siginfo_t *info, void *context) {
  isCaught = 1;
  isAtAbort = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP] == (long)aborted;
}
/** Spins inside of a sequence, until that is aborted. */
static __attribute__((noinline)) void spin(void) {
  area->rseq_cs = (uintptr_t)&section;
  __asm__ volatile(
      "start: add $1, %%rax\n"
      "jmp start\n"
      "end: ud2\n"
      ".long 0x53053053\n"
      "aborted:\n" ::: "rax", "memory");
}
static void describe(void) {
  section.version = section.flags = 0;
  section.start = (uintptr_t)start;
  section.length = end - start;
  section.abort = (uintptr_t)aborted;
  area->flags = 0;
}
static void alarmed(void) {
  struct itimerval soon = {.it_value = {.tv_usec = 3000}};
  setitimer(ITIMER_REAL, &soon, 0);
}
static void corrupt(const char *what, void (*change)(void)) {
  int status;
  fflush(stdout);
  if (fork() == 0) {
    describe();
    change();
    alarmed();
    spin();
    _exit(0);
  }
  wait(&status);
  printf("%s: %s\n", what, WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) : "lives");
}
static void sound(void) {}
static void version(void) { section.version = 1; }
static void flagged(void) { section.flags = 1; }
static void areaFlagged(void) { area->flags = 1; }
static void abortInside(void) { section.abort = section.start + 1; }
static void badSignature(void) { section.abort -= 2; }
static void overflow(void) { section.length = ~0ull; }
static void elsewhere(void) { section.start += 0x1000000; section.length = 8; }

int main(void) {
  setvbuf(stdout, 0, _IOFBF, 1 << 14);
  struct rseq *own = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
  printf("glibc's own: %s\n", answer(own, 32, 1, SIGNATURE));
  errnos();
  printf("for the rest: %s\n", answer(area, 32, 0, SIGNATURE));

  struct sigaction act = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
  sigaction(SIGALRM, &act, 0);
  describe();
  alarmed();
  // Natively the processor may be lost before the signal comes.
  while (!isCaught) spin();
  printf("signal: handler %d, abort in its frame %d, left %d\n", isCaught, isAtAbort, area->rseq_cs == 0);

  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
  fflush(stdout);
  pid_t child = fork();
  if (child == 0)
    for (;;) continue;
  isCaught = 0;
  spin();
  kill(child, SIGKILL);
  wait(0);
  printf("preempted: left %d, without a signal %d\n", area->rseq_cs == 0, !isCaught);

  corrupt("sound", sound);
  corrupt("version", version);
  corrupt("flags", flagged);
  corrupt("area's flags", areaFlagged);
  corrupt("abort inside", abortInside);
  corrupt("signature", badSignature);
  corrupt("length", overflow);
  fflush(stdout);
  // Not in the sequence that is described: only the pointer goes.
  int status;
  if ((child = fork()) == 0) {
    describe();
    elsewhere();
    section.abort = (uintptr_t)aborted;
    alarm(0);
    area->rseq_cs = (uintptr_t)&section;
    raise(SIGALRM);
    _exit(area->rseq_cs == 0 ? 7 : 8);
  }
  waitpid(child, &status, 0);
  printf("elsewhere: %d\n", WEXITSTATUS(status));
  return 0;
}
