// Executes x87 instructions on the real processor. Input, record by record: the code with its length (16 bytes), an FXSAVE area (512), memory (128), RAX, RFLAGS.
// RDI points to the memory. Output: the area, the memory, RAX and RFLAGS afterwards. FXSAVE does not wait, so pending exceptions are seen.
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct state {
  uint8_t area[512], memory[128];
  uint64_t rax, rflags;
};
struct record {
  uint8_t length, code[15];
  struct state state;
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
  static struct state s __attribute__((aligned(16)));
  while (fill(&in, sizeof in)) {
    s = in.state;
    memcpy(page, in.code, in.length);
    page[in.length] = 0xc3;
    __asm__ volatile(
        "sub $128, %%rsp\n fxrstor (%[s])\n lea 512(%[s]), %%rdi\n mov 640(%[s]), %%rax\n pushq 648(%[s])\n popfq\n call *%[code]\n"
        "pushfq\n fxsave (%[s])\n pop %%rdx\n mov %%rax, 640(%[s])\n mov %%rdx, 648(%[s])\n fninit\n add $128, %%rsp\n"
        :
        : [s] "b"(&s), [code] "S"(page)
        : "rax", "rcx", "rdx", "rdi", "r8", "r9", "r10", "r11", "memory", "cc");
    for (size_t at = 0; at < sizeof s;) at += write(1, (char *)&s + at, sizeof s - at);
  }
  return 0;
}
