/* The upper halves of vectors in a signal frame: what a handler finds there, does to the registers, and writes back. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

static volatile unsigned long seen;
static volatile unsigned flags, magic;
static void handler(int number, siginfo_t *info, void *context) {
  ucontext_t *interrupted = context;
  char *area = (char *)interrupted->uc_mcontext.fpregs;
  flags = interrupted->uc_flags;
  magic = *(unsigned *)(area + 464);
  seen = *(unsigned long *)(area + 576 + 16);
  __asm__ volatile("vpxor %%ymm1, %%ymm1, %%ymm1\n vpcmpeqd %%ymm2, %%ymm2, %%ymm2" : : : "xmm1", "xmm2");
  *(unsigned long *)(area + 576 + 32) = 77;
}
int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, 0);
  static unsigned long in[8] = {1, 2, 3, 4, 5, 6, 7, 8}, out[8];
  long result, pid = getpid();
  __asm__ volatile("vmovdqu (%2), %%ymm1\n vmovdqu 32(%2), %%ymm2\n syscall\n vmovdqu %%ymm1, (%3)\n vmovdqu %%ymm2, 32(%3)"
                   : "=a"(result)
                   : "a"((long)SYS_kill), "b"(in), "d"(out), "D"(pid), "S"((long)SIGUSR1)
                   : "rcx", "r11", "memory", "xmm1", "xmm2");
  printf("%ld seen %lx flags %x magic %x:", result, seen, flags, magic);
  for (int i = 0; i < 8; i++) printf(" %lx", out[i]);
  printf("\n");
  return 0;
}
