/* Executes the instructions that standard input lists, one line of hexadecimal bytes each, and prints what became of each: registers and memory, or the signal.
   RDI points to memory that holds 1122334455667788. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile int signal_number, code;
static volatile uint64_t address, rip;
static void caught(int number, siginfo_t *info, void *context) {
  signal_number = number;
  code = info->si_code;
  address = (uint64_t)info->si_addr;
  rip = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
  siglongjmp(back, 1);
}
int main(void) {
  static char alternate[65536];
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  sigaltstack(&stack, 0);
  struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  static const int signals[] = {SIGSEGV, SIGILL, SIGTRAP, SIGBUS, SIGFPE};
  for (int i = 0; i < 5; i++) sigaction(signals[i], &action, 0);
  uint8_t *page = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  uint8_t *data = mmap((void *)0x20000000, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  char line[400];
  while (fgets(line, sizeof line, stdin)) {
    uint8_t bytes[64];
    int count = 0, used;
    unsigned byte;
    for (char *at = line; sscanf(at, "%2x%n", &byte, &used) == 1; at += used) bytes[count++] = byte;
    memset(page, 0xcc, 64);
    memcpy(page, bytes, count);
    page[count] = 0xc3;
    memset(data, 0, 8192);
    *(uint64_t *)data = 0x1122334455667788;
    uint64_t r[6] = {0x1111111111111111, 0x2222222222222222, 0, 0x20000000, 0x20000100, 0};
    signal_number = 0;
    if (!sigsetjmp(back, 1))
      __asm__ volatile(
          "sub $512, %%rsp\n push %%rbp\n mov (%0), %%rax\n mov 8(%0), %%rcx\n mov 24(%0), %%rdi\n mov 32(%0), %%rsi\n mov %%rsp, %%rbp\n push %0\n lea 64(%%rdi), %%rbx\n"
          "push $0x202\n popfq\n call *%1\n pushfq\n pop %%rdx\n pop %0\n pop %%rbp\n mov %%rax, (%0)\n mov %%rcx, 8(%0)\n mov %%rdx, 16(%0)\n mov %%rdi, 24(%0)\n mov %%rsi, 32(%0)\n add $512, %%rsp"
          :
          : "r"((uint64_t *)r), "r"(page)
          : "rax", "rbx", "rcx", "rdx", "rdi", "rsi", "r8", "r9", "r10", "r11", "r12", "memory", "cc");
    line[strcspn(line, "\n")] = 0;
    if (signal_number) printf("%s: signal %d code %d address %lx at %ld\n", line, signal_number, code, address, (long)(rip - (uint64_t)page));
    else printf("%s: rax %lx rcx %lx rdi %lx rsi %lx flags %lx memory %lx %lx\n", line, r[0], r[1], r[3], r[4], r[2] & 0x4d5, *(uint64_t *)data, *(uint64_t *)(data + 8));
    fflush(stdout);
  }
  return 0;
}
