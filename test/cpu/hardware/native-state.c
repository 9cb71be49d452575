// Executes single instructions on the real processor, with whole vector registers and memory. Input, record by record: `struct state`, its code filled in; output: the same, as it is after.
// The code must not touch RSP, R14, R15 or control. A signal is told by its number, and nothing else then.
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define AREA ((uint8_t *)0x700000)
#define AREA_BYTES 0x10000
#define MEMORY (AREA + AREA_BYTES / 2)

struct state {
  uint8_t vectors[16][32];
  uint64_t rax, rcx, rdx, rbx, rsi, rdi;
  uint64_t rflags, mxcsr, signal;
  uint8_t memory[64];
  uint8_t length, code[15];
};
_Static_assert(offsetof(struct state, rax) == 512 && offsetof(struct state, rflags) == 560, "run() has the offsets");

void run(struct state *s, void *code);
__asm__(
    ".globl run\nrun:\n push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n"
    "mov %rdi, %r15\n mov %rsi, %r14\n ldmxcsr 568(%r15)\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovdqu 32*\\n(%r15), %ymm\\n\n .endr\n"
    "mov 512(%r15), %rax\n mov 520(%r15), %rcx\n mov 528(%r15), %rdx\n mov 536(%r15), %rbx\n mov 544(%r15), %rsi\n mov 552(%r15), %rdi\n"
    "push 560(%r15)\n popfq\n call *%r14\n pushfq\n popq 560(%r15)\n"
    "mov %rax, 512(%r15)\n mov %rcx, 520(%r15)\n mov %rdx, 528(%r15)\n mov %rbx, 536(%r15)\n mov %rsi, 544(%r15)\n mov %rdi, 552(%r15)\n"
    ".irp n,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovdqu %ymm\\n, 32*\\n(%r15)\n .endr\n"
    "stmxcsr 568(%r15)\n vzeroupper\n"
    "pop %r15\n pop %r14\n pop %r13\n pop %r12\n pop %rbp\n pop %rbx\n ret\n");

static sigjmp_buf back;
static void caught(int signal) { siglongjmp(back, signal); }
static int fill(void *to, size_t length) {
  for (size_t at = 0; at < length;) {
    ssize_t got = read(0, (char *)to + at, length - at);
    if (got <= 0) return 0;
    at += got;
  }
  return 1;
}

int main(void) {
  uint8_t *page = mmap(0, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  mmap(AREA, AREA_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  for (int i = 0; i < AREA_BYTES; i++) AREA[i] = i * 37 + (i >> 8);
  signal(SIGILL, caught);
  signal(SIGSEGV, caught);
  signal(SIGFPE, caught);
  static struct state s;
  while (fill(&s, sizeof s)) {
    memcpy(page, s.code, s.length);
    page[s.length] = 0xc3;
    memcpy(MEMORY, s.memory, sizeof s.memory);
    int number = sigsetjmp(back, 1);
    if (number == 0) run(&s, page);
    s.signal = number;
    memcpy(s.memory, MEMORY, sizeof s.memory);
    for (size_t at = 0; at < sizeof s;) at += write(1, (char *)&s + at, sizeof s - at);
  }
  return 0;
}
