/* The formats of XSAVE: what is written, with the header, for states in use and not; and what is read back. Host states beyond AVX are not asked for. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static uint8_t area[1024] __attribute__((aligned(64)));
static void show(const char *name) {
  /* Without the addresses and the opcode of x87's last instruction, and without MXCSR_MASK, which differs between processors. */
  memset(area + 6, 0, 18);
  memset(area + 28, 0, 4);
  uint64_t hash = 14695981039346656037u;
  for (int i = 0; i < 464; i++) hash = (hash ^ area[i]) * 1099511628211u;
  for (int i = 576; i < 832; i++) hash = (hash ^ area[i]) * 1099511628211u;
  printf("%s: state %lx compaction %lx mxcsr %x body %lx\n", name, *(uint64_t *)(area + 512), *(uint64_t *)(area + 520), *(uint32_t *)(area + 24), hash);
}
#define WITH(insn, mask) __asm__ volatile(insn " (%[a])" : : [a] "r"(area), "a"(mask), "d"(0) : "memory")
#define FILL __asm__ volatile("fninit\n fld1\n fldpi\n vmovdqu %0, %%ymm1\n vmovdqu %0, %%ymm9" : : "m"(*vectors) : "memory")
#define EMPTY __asm__ volatile("fninit\n vzeroall" : : : "memory")
static const uint8_t vectors[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32};
int main(void) {
  for (int mask = 0; mask < 8; mask++) {
    char name[40];
    memset(area, 0, sizeof area);
    EMPTY; FILL; WITH("xsave", mask); EMPTY;
    sprintf(name, "xsave %d", mask); show(name);
    memset(area, 0, sizeof area);
    EMPTY; FILL; WITH("xsavec", mask); EMPTY;
    sprintf(name, "xsavec %d", mask); if (mask != 4 && mask != 5) show(name);
    memset(area, 0, sizeof area);
    EMPTY; FILL; WITH("xsavec", 7); EMPTY; WITH("xrstor", mask);
    memset(area, 0, sizeof area);
    WITH("xsave", 7); EMPTY;
    sprintf(name, "restored %d", mask); show(name);
  }
  return 0;
}
