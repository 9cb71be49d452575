// Runs x87 instructions on the host's processor. Reads records from stdin, writes one result for each to stdout.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct __attribute__((packed)) request { uint16_t operation, control; uint8_t a[10], b[10]; uint8_t memory[10]; };
struct __attribute__((packed)) answer { uint8_t st0[10], st1[10]; uint8_t memory[10]; uint16_t status; };
struct __attribute__((packed)) image { uint32_t control, status, tag, other[4]; uint8_t registers[8][10]; };

// FNSAVE does not wait for pending exceptions, so unmasked ones can be looked at without a signal.
#define CASE(number, body) case number: \
  __asm__ volatile("fninit\n fldt %[b]\n fldt %[a]\n fldcw %[control]\n " body "\n fnsave %[save]" \
    : [save] "=m"(save), [m] "+m"(memory) : [a] "m"(in.a), [b] "m"(in.b), [control] "m"(in.control)); break;

int main(void) {
  static struct request in;
  static struct answer out;
  static struct image save;
  static struct __attribute__((packed)) { uint8_t bytes[10]; } memory;
  while (fread(&in, sizeof in, 1, stdin) == 1) {
    memcpy(&memory, in.memory, sizeof memory);
    switch (in.operation) {
      CASE(0, "fadd %%st(1), %%st") CASE(1, ".byte 0xd8, 0xe1") CASE(2, "fmul %%st(1), %%st") CASE(3, ".byte 0xd8, 0xf1")
      CASE(4, "fsqrt") CASE(5, "fcom %%st(1)") CASE(6, "fucom %%st(1)") CASE(7, "frndint")
      CASE(8, "fscale") CASE(9, "fxtract") CASE(10, "fprem") CASE(11, "fprem1") CASE(12, "fxam") CASE(13, "fabs") CASE(14, "fchs")
      CASE(20, "flds %[m]") CASE(21, "fldl %[m]") CASE(22, "filds %[m]") CASE(23, "fildl %[m]") CASE(24, "fildq %[m]") CASE(25, "fbld %[m]")
      CASE(30, "fstps %[m]") CASE(31, "fstpl %[m]") CASE(32, "fistps %[m]") CASE(33, "fistpl %[m]") CASE(34, "fistpq %[m]") CASE(35, "fbstp %[m]")
      CASE(36, "fisttps %[m]") CASE(37, "fisttpl %[m]") CASE(38, "fisttpq %[m]")
      CASE(40, "fadds %[m]") CASE(41, "faddl %[m]") CASE(42, "fdivs %[m]") CASE(43, "fdivrl %[m]") CASE(44, "fcoms %[m]") CASE(45, "fcoml %[m]")
      CASE(50, "fld1") CASE(51, "fldl2t") CASE(52, "fldl2e") CASE(53, "fldpi") CASE(54, "fldlg2") CASE(55, "fldln2") CASE(56, "fldz")
      CASE(60, "f2xm1") CASE(61, "fyl2x") CASE(62, "fyl2xp1") CASE(63, "fsin") CASE(64, "fcos") CASE(65, "fsincos") CASE(66, "fptan") CASE(67, "fpatan")
      default: return 2;
    }
    memcpy(out.st0, save.registers[0], 10);
    memcpy(out.st1, save.registers[1], 10);
    memcpy(out.memory, &memory, 10);
    out.status = (uint16_t)save.status;
    fwrite(&out, sizeof out, 1, stdout);
  }
  return 0;
}
