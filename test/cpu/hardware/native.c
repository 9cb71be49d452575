// Executes instructions on the real processor. Input, record by record: length of the code (1 byte), the code (15), XMM0 and XMM1 (16 each), RAX, RCX and RDX as one, MXCSR (8 each).
// Output: XMM0, XMM1, RAX, RCX, RFLAGS, MXCSR. The code must not touch memory, RSP or control.
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct state {
  uint8_t xmm0[16], xmm1[16];
  uint64_t rax, rcx, rflags, mxcsr;
};
struct record {
  uint8_t length, code[15];
  uint8_t xmm0[16], xmm1[16];
  uint64_t rax, rcx, mxcsr;
};

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
  struct record in;
  while (fill(&in, sizeof in)) {
    struct state s;
    memcpy(s.xmm0, in.xmm0, 16);
    memcpy(s.xmm1, in.xmm1, 16);
    s.rax = in.rax;
    s.rcx = in.rcx;
    s.mxcsr = in.mxcsr;
    memcpy(page, in.code, in.length);
    page[in.length] = 0xc3;
    __asm__ volatile(
        "ldmxcsr 56(%[s])\n movdqu (%[s]), %%xmm0\n movdqu 16(%[s]), %%xmm1\n mov 32(%[s]), %%rax\n mov 40(%[s]), %%rcx\n mov %%rcx, %%rdx\n"
        "sub $128, %%rsp\n push $0x202\n popfq\n call *%[code]\n pushfq\n pop %%rdx\n add $128, %%rsp\n"
        "movdqu %%xmm0, (%[s])\n movdqu %%xmm1, 16(%[s])\n mov %%rax, 32(%[s])\n mov %%rcx, 40(%[s])\n mov %%rdx, 48(%[s])\n stmxcsr 56(%[s])\n"
        :
        : [s] "b"(&s), [code] "D"(page)
        : "rax", "rcx", "rdx", "rsi", "r8", "r9", "r10", "r11", "xmm0", "xmm1", "memory", "cc");
    for (size_t at = 0; at < sizeof s;) at += write(1, (char *)&s + at, sizeof s - at);
  }
  return 0;
}
