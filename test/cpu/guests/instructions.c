#include "bare.h"
/* Every integer instruction with many operands: a hash over results and the flags that the manual defines. */
static const u64 values[] = {0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 33, 63, 64, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x123456789abcdef0, 0xfedcba9876543210, 0x5555555555555555};
#define N (sizeof values / 8)
static u64 hash; static u64 memory[64];
static void add(u64 v) { hash = (hash ^ v) * 1099511628211ul; hash ^= hash >> 31; }
#define FLAGS "pushq %[f]\n popfq\n"
#define KEEP "\n pushfq\n popq %[f]\n"
#define TWO(name, insn, ra, rb, mask) { hash = 1; for (u32 i = 0; i < N; i++) for (u32 j = 0; j < N; j++) for (int c = 0; c < 2; c++) { \
  u64 a = values[i], b = values[j], f = c ? 0x8d5 - 0x40 : 0; \
  __asm__ volatile(FLAGS insn " %" rb "[b], %" ra "[a]" KEEP : [a] "+&r"(a), [b] "+&r"(b), [f] "+&r"(f) : : "cc", "memory"); add(a); add(b); add(f & mask); \
  a = values[j]; memory[3] = values[i]; f = c ? 0x8d5 - 0x40 : 0; \
  __asm__ volatile(FLAGS insn " %" rb "[b], %[m]" KEEP : [b] "+&r"(a), [m] "+m"(memory[3]), [f] "+&r"(f) : : "cc", "memory"); add(a); add(memory[3]); add(f & mask); } show(name, hash); }
#define ONE(name, insn, ra, mask) { hash = 1; for (u32 i = 0; i < N; i++) for (int c = 0; c < 2; c++) { u64 a = values[i], f = c ? 0x8d5 - 0x40 : 0; \
  __asm__ volatile(FLAGS insn " %" ra "[a]" KEEP : [a] "+&r"(a), [f] "+&r"(f) : : "cc"); add(a); add(f & mask); } show(name, hash); }
/* Sources are read only, as in BSF: the target first in C, last in the text. */
#define GET(name, insn, ra, rb, mask) { hash = 1; for (u32 i = 0; i < N; i++) { u64 a = 0x1111222233334444, b = values[i], f = 0; if ((b & ((mask) == 0x40 ? 0xffff : -1ul)) == 0) continue; \
  __asm__ volatile(FLAGS insn " %" rb "[b], %" ra "[a]" KEEP : [a] "+&r"(a), [f] "+&r"(f) : [b] "r"(b) : "cc"); add(a); add(f & mask); } show(name, hash); }
#define CL(name, insn, ra, mask1, mask) { hash = 1; for (u32 i = 0; i < N; i++) for (u32 n = 0; n < 70; n++) for (int c = 0; c < 2; c++) { u64 a = values[i], f = c ? 0x8d5 - 0x40 : 0; \
  __asm__ volatile(FLAGS insn " %%cl, %" ra "[a]" KEEP : [a] "+&r"(a), [f] "+&r"(f) : "c"(n) : "cc"); add(a); add(f & ((n & 63) == 1 ? mask1 : mask)); } show(name, hash); }
#define DCL(name, insn, r, most, mask) { hash = 1; for (u32 i = 0; i < N; i++) for (u32 j = 0; j < N; j++) for (u32 n = 0; n <= most; n++) { u64 a = values[i], b = values[j], f = 0; \
  __asm__ volatile(FLAGS insn " %%cl, %" r "[b], %" r "[a]" KEEP : [a] "+&r"(a), [f] "+&r"(f) : "c"(n), [b] "r"(b) : "cc"); add(a); add(f & mask); } show(name, hash); }
#define PAIR(name, insn, r, mask) { hash = 1; for (u32 i = 0; i < N; i++) for (u32 j = 0; j < N; j++) { u64 a = values[i], d = 0x77, b = values[j], f = 0; \
  __asm__ volatile(FLAGS insn " %" r "[b]" KEEP : "+a"(a), "+d"(d), [f] "+&r"(f) : [b] "r"(b) : "cc"); add(a); add(d); add(f & mask); } show(name, hash); }
#define DIV(name, insn, r, T, signedness) { hash = 1; for (u32 i = 0; i < N; i++) for (u32 j = 0; j < N; j++) for (u32 k = 0; k < 3; k++) { \
  u64 a = values[i], b = values[j], d = signedness ? ((T)a < 0 ? -1l : 0) : 0; if ((T)b == 0 || signedness && (T)b == (T)-1) continue; \
  if (k) { if (signedness) continue; d = (unsigned T)b / (k + 1); } \
  __asm__ volatile(insn " %" r "[b]" : "+a"(a), "+d"(d) : [b] "r"(b) : "cc"); add(a); add(d); } show(name, hash); }
#define BIT(name, insn, r) { hash = 1; for (u32 i = 0; i < N; i++) for (i64 n = -200; n < 200; n += 7) { u64 a = values[i], f = 0; for (int k = 0; k < 64; k++) memory[k] = values[(i + k) % N]; \
  __asm__ volatile(FLAGS insn " %" r "[n], %" r "[a]" KEEP : [a] "+&r"(a), [f] "+&r"(f) : [n] "r"(n) : "cc"); add(a); add(f & 1); \
  __asm__ volatile(FLAGS insn " %" r "[n], %[m]" KEEP : [m] "+m"(memory[32]), [f] "+&r"(f) : [n] "r"(n) : "cc", "memory"); add(f & 1); for (int k = 0; k < 64; k++) add(memory[k]); } show(name, hash); }
#define COND(cc) { for (u32 f = 0; f < 256; f++) { u64 fl = (f & 1) | (f & 2) << 1 | (f & 4) << 2 | ((f & 0x18) == 0x18 ? 0x40 : (f & 0x18) << 3) | (f & 32) << 6, a = 0x1234567812345678, b = 0x9abcdef09abcdef0, s = 0x1111, j = 0, k; \
  __asm__ volatile(FLAGS "set" cc " %b[s]\n cmov" cc "q %[b], %[a]\n j" cc " 1f\n inc %[j]\n1:" : [a] "+&r"(a), [s] "+&r"(s), [j] "+&r"(j), [f] "+&r"(fl) : [b] "r"(b) : "cc"); add(a); add(s); add(j); } }
static u8 text[20000], other[20000];
static void strings(void);
static void others(void);
static void edges(void);
void start(void) {
  TWO("addb", "addb", "b", "b", 0x8d5)
  TWO("addw", "addw", "w", "w", 0x8d5)
  TWO("addl", "addl", "k", "k", 0x8d5)
  TWO("addq", "addq", "q", "q", 0x8d5)
  TWO("subb", "subb", "b", "b", 0x8d5)
  TWO("subw", "subw", "w", "w", 0x8d5)
  TWO("subl", "subl", "k", "k", 0x8d5)
  TWO("subq", "subq", "q", "q", 0x8d5)
  TWO("adcb", "adcb", "b", "b", 0x8d5)
  TWO("adcw", "adcw", "w", "w", 0x8d5)
  TWO("adcl", "adcl", "k", "k", 0x8d5)
  TWO("adcq", "adcq", "q", "q", 0x8d5)
  TWO("sbbb", "sbbb", "b", "b", 0x8d5)
  TWO("sbbw", "sbbw", "w", "w", 0x8d5)
  TWO("sbbl", "sbbl", "k", "k", 0x8d5)
  TWO("sbbq", "sbbq", "q", "q", 0x8d5)
  TWO("cmpb", "cmpb", "b", "b", 0x8d5)
  TWO("cmpw", "cmpw", "w", "w", 0x8d5)
  TWO("cmpl", "cmpl", "k", "k", 0x8d5)
  TWO("cmpq", "cmpq", "q", "q", 0x8d5)
  TWO("xchgb", "xchgb", "b", "b", 0x8d5)
  TWO("xchgw", "xchgw", "w", "w", 0x8d5)
  TWO("xchgl", "xchgl", "k", "k", 0x8d5)
  TWO("xchgq", "xchgq", "q", "q", 0x8d5)
  TWO("xaddb", "xaddb", "b", "b", 0x8d5)
  TWO("xaddw", "xaddw", "w", "w", 0x8d5)
  TWO("xaddl", "xaddl", "k", "k", 0x8d5)
  TWO("xaddq", "xaddq", "q", "q", 0x8d5)
  TWO("andb", "andb", "b", "b", 0x8c5)
  TWO("andw", "andw", "w", "w", 0x8c5)
  TWO("andl", "andl", "k", "k", 0x8c5)
  TWO("andq", "andq", "q", "q", 0x8c5)
  TWO("orb", "orb", "b", "b", 0x8c5)
  TWO("orw", "orw", "w", "w", 0x8c5)
  TWO("orl", "orl", "k", "k", 0x8c5)
  TWO("orq", "orq", "q", "q", 0x8c5)
  TWO("xorb", "xorb", "b", "b", 0x8c5)
  TWO("xorw", "xorw", "w", "w", 0x8c5)
  TWO("xorl", "xorl", "k", "k", 0x8c5)
  TWO("xorq", "xorq", "q", "q", 0x8c5)
  TWO("testb", "testb", "b", "b", 0x8c5)
  TWO("testw", "testw", "w", "w", 0x8c5)
  TWO("testl", "testl", "k", "k", 0x8c5)
  TWO("testq", "testq", "q", "q", 0x8c5)
  ONE("incb", "incb", "b", 2261)
  ONE("incw", "incw", "w", 2261)
  ONE("incl", "incl", "k", 2261)
  ONE("incq", "incq", "q", 2261)
  ONE("decb", "decb", "b", 2261)
  ONE("decw", "decw", "w", 2261)
  ONE("decl", "decl", "k", 2261)
  ONE("decq", "decq", "q", 2261)
  ONE("negb", "negb", "b", 2261)
  ONE("negw", "negw", "w", 2261)
  ONE("negl", "negl", "k", 2261)
  ONE("negq", "negq", "q", 2261)
  ONE("notb", "notb", "b", 2261)
  ONE("notw", "notw", "w", 2261)
  ONE("notl", "notl", "k", 2261)
  ONE("notq", "notq", "q", 2261)
  ONE("bswapl", "bswapl", "k", 0x8d5)
  ONE("bswapq", "bswapq", "q", 0x8d5)
  CL("shlb", "shlb", "b", 0x8c5, 196)
  ONE("shlb3", "shlb $3,", "b", 0xc5)
  CL("shlw", "shlw", "w", 0x8c5, 196)
  ONE("shlw3", "shlw $3,", "w", 0xc5)
  CL("shll", "shll", "k", 0x8c5, 197)
  ONE("shll3", "shll $3,", "k", 0xc5)
  CL("shlq", "shlq", "q", 0x8c5, 197)
  ONE("shlq3", "shlq $3,", "q", 0xc5)
  CL("shrb", "shrb", "b", 0x8c5, 196)
  ONE("shrb3", "shrb $3,", "b", 0xc5)
  CL("shrw", "shrw", "w", 0x8c5, 196)
  ONE("shrw3", "shrw $3,", "w", 0xc5)
  CL("shrl", "shrl", "k", 0x8c5, 197)
  ONE("shrl3", "shrl $3,", "k", 0xc5)
  CL("shrq", "shrq", "q", 0x8c5, 197)
  ONE("shrq3", "shrq $3,", "q", 0xc5)
  CL("sarb", "sarb", "b", 0x8c5, 197)
  ONE("sarb3", "sarb $3,", "b", 0xc5)
  CL("sarw", "sarw", "w", 0x8c5, 197)
  ONE("sarw3", "sarw $3,", "w", 0xc5)
  CL("sarl", "sarl", "k", 0x8c5, 197)
  ONE("sarl3", "sarl $3,", "k", 0xc5)
  CL("sarq", "sarq", "q", 0x8c5, 197)
  ONE("sarq3", "sarq $3,", "q", 0xc5)
  CL("rolb", "rolb", "b", 0x8d5, 0xd5)
  ONE("rolb1", "rolb $1,", "b", 0x8d5)
  CL("rolw", "rolw", "w", 0x8d5, 0xd5)
  ONE("rolw1", "rolw $1,", "w", 0x8d5)
  CL("roll", "roll", "k", 0x8d5, 0xd5)
  ONE("roll1", "roll $1,", "k", 0x8d5)
  CL("rolq", "rolq", "q", 0x8d5, 0xd5)
  ONE("rolq1", "rolq $1,", "q", 0x8d5)
  CL("rorb", "rorb", "b", 0x8d5, 0xd5)
  ONE("rorb1", "rorb $1,", "b", 0x8d5)
  CL("rorw", "rorw", "w", 0x8d5, 0xd5)
  ONE("rorw1", "rorw $1,", "w", 0x8d5)
  CL("rorl", "rorl", "k", 0x8d5, 0xd5)
  ONE("rorl1", "rorl $1,", "k", 0x8d5)
  CL("rorq", "rorq", "q", 0x8d5, 0xd5)
  ONE("rorq1", "rorq $1,", "q", 0x8d5)
  CL("rclb", "rclb", "b", 0x8d5, 0xd5)
  ONE("rclb1", "rclb $1,", "b", 0x8d5)
  CL("rclw", "rclw", "w", 0x8d5, 0xd5)
  ONE("rclw1", "rclw $1,", "w", 0x8d5)
  CL("rcll", "rcll", "k", 0x8d5, 0xd5)
  ONE("rcll1", "rcll $1,", "k", 0x8d5)
  CL("rclq", "rclq", "q", 0x8d5, 0xd5)
  ONE("rclq1", "rclq $1,", "q", 0x8d5)
  CL("rcrb", "rcrb", "b", 0x8d5, 0xd5)
  ONE("rcrb1", "rcrb $1,", "b", 0x8d5)
  CL("rcrw", "rcrw", "w", 0x8d5, 0xd5)
  ONE("rcrw1", "rcrw $1,", "w", 0x8d5)
  CL("rcrl", "rcrl", "k", 0x8d5, 0xd5)
  ONE("rcrl1", "rcrl $1,", "k", 0x8d5)
  CL("rcrq", "rcrq", "q", 0x8d5, 0xd5)
  ONE("rcrq1", "rcrq $1,", "q", 0x8d5)
  DCL("shldw", "shldw", "w", 16, 0)
  DCL("shldl", "shldl", "k", 70, 1)
  DCL("shldq", "shldq", "q", 70, 1)
  DCL("shrdw", "shrdw", "w", 16, 0)
  DCL("shrdl", "shrdl", "k", 70, 1)
  DCL("shrdq", "shrdq", "q", 70, 1)
  PAIR("mulb", "mulb", "b", 0x801)
  PAIR("imulb", "imulb", "b", 0x801)
  PAIR("mulw", "mulw", "w", 0x801)
  PAIR("imulw", "imulw", "w", 0x801)
  PAIR("mull", "mull", "k", 0x801)
  PAIR("imull", "imull", "k", 0x801)
  PAIR("mulq", "mulq", "q", 0x801)
  PAIR("imulq", "imulq", "q", 0x801)
  GET("imul2w", "imulw", "w", "w", 0x801)
  GET("imul3w", "imulw $-77,", "w", "w", 0x801)
  GET("bsfw", "bsfw", "w", "w", 0x40)
  GET("bsrw", "bsrw", "w", "w", 0x40)
  GET("popcntw", "popcntw", "w", "w", 0x8d5)
  GET("tzcntw", "tzcntw", "w", "w", 0x41)
  GET("lzcntw", "lzcntw", "w", "w", 0x41)
  BIT("btw", "btw", "w")
  BIT("btsw", "btsw", "w")
  BIT("btrw", "btrw", "w")
  BIT("btcw", "btcw", "w")
  GET("imul2l", "imull", "k", "k", 0x801)
  GET("imul3l", "imull $-77,", "k", "k", 0x801)
  GET("bsfl", "bsfl", "k", "k", 0x40)
  GET("bsrl", "bsrl", "k", "k", 0x40)
  GET("popcntl", "popcntl", "k", "k", 0x8d5)
  GET("tzcntl", "tzcntl", "k", "k", 0x41)
  GET("lzcntl", "lzcntl", "k", "k", 0x41)
  BIT("btl", "btl", "k")
  BIT("btsl", "btsl", "k")
  BIT("btrl", "btrl", "k")
  BIT("btcl", "btcl", "k")
  GET("imul2q", "imulq", "q", "q", 0x801)
  GET("imul3q", "imulq $-77,", "q", "q", 0x801)
  GET("bsfq", "bsfq", "q", "q", 0x40)
  GET("bsrq", "bsrq", "q", "q", 0x40)
  GET("popcntq", "popcntq", "q", "q", 0x8d5)
  GET("tzcntq", "tzcntq", "q", "q", 0x41)
  GET("lzcntq", "lzcntq", "q", "q", 0x41)
  BIT("btq", "btq", "q")
  BIT("btsq", "btsq", "q")
  BIT("btrq", "btrq", "q")
  BIT("btcq", "btcq", "q")
  DIV("divw", "divw", "w", short, 0)
  DIV("idivw", "idivw", "w", short, 1)
  DIV("divl", "divl", "k", int, 0)
  DIV("idivl", "idivl", "k", int, 1)
  DIV("divq", "divq", "q", long, 0)
  DIV("idivq", "idivq", "q", long, 1)
  hash = 1;
  COND("o")
  COND("no")
  COND("b")
  COND("ae")
  COND("z")
  COND("nz")
  COND("be")
  COND("a")
  COND("s")
  COND("ns")
  COND("p")
  COND("np")
  COND("l")
  COND("ge")
  COND("le")
  COND("g")
  show("conditions", hash);
  strings(); others(); edges(); quit(7);
}

#define REP(insn, n, extra) { u64 c = n; __asm__ volatile(extra insn "\n cld\n pushfq\n popq %[f]" : "+D"(d), "+S"(s), "+c"(c), "+a"(a), [f] "=&r"(f) : : "memory", "cc"); add(d - (u64)text); add(s - (u64)text); add(c); add(a); add(f & 0x8d5); }
static void all(void) { for (u32 i = 0; i < sizeof text; i++) add(text[i]), add(other[i]); }
static void strings(void) {
  u64 d, s, a, f; hash = 1;
  for (u32 i = 0, x = 1; i < sizeof text; i++) { x = x * 1103515245 + 12345; text[i] = x >> 16; other[i] = x >> 20; }
#define AT(D, S) d = (u64)(D), s = (u64)(S), a = 0x1122334455667788
  AT(other + 5, text + 3); REP("rep movsb", 9000, "") all(); AT(other + 1, text + 8); REP("rep movsq", 1200, "") all();
  AT(text + 100, text + 99); REP("rep movsb", 5000, "") all(); AT(text + 100, text + 101); REP("rep movsl", 1500, "") all();
  AT(text + 9000, text + 8000); REP("rep movsw", 3000, "std\n") all(); AT(text + 9001, other); REP("rep stosl", 2000, "") all();
  AT(text + 3, other); REP("rep stosb", 12000, "") AT(text + 7001, other); REP("rep stosq", 500, "std\n") AT(text + 4000, other); REP("rep stosw", 3000, "") all();
  AT(text + 4001, other + 4001); REP("rep stosb", 0, "") REP("movsb", 4, "") REP("stosw", 4, "") REP("lodsl", 4, "") REP("lodsb", 4, "std\n") REP("rep lodsq", 5, "")
  AT(other, other); text[9000] = 0; AT(text, text); a = 0; REP("repne scasb", 20000, "") memcpy(other, text, 20000); other[17777]++;
  AT(other, text); REP("repe cmpsb", 20000, "") AT(other, text); REP("repe cmpsq", 2500, "") AT(other + 3, text); REP("repne cmpsw", 2500, "") AT(other, text); REP("cmpsb", 1, "") REP("scasl", 1, "") all();
  show("strings", hash);
}
static void others(void) {
  hash = 1; u64 f;
  for (u32 i = 0; i < N; i++) { u64 a = values[i], d = values[(i + 5) % N], c = 3;
    __asm__ volatile("cbw\n cwde\n cdqe" : "+a"(a)); add(a); a = values[i]; __asm__ volatile("cqo" : "+a"(a), "+d"(d)); add(d); __asm__ volatile("cdq" : "+a"(a), "+d"(d)); add(d); __asm__ volatile("cwd" : "+a"(a), "+d"(d)); add(d);
    __asm__ volatile("mov %%ah, %%bl\n mov %%cl, %%dh\n add %%ch, %%ah\n xchg %%al, %%ah\n movzbl %%ah, %%ecx\n movsbw %%dh, %%si" : "+a"(a), "+d"(d), "+c"(c) : : "rbx", "rsi", "cc"); add(a); add(d); add(c);
    __asm__ volatile("lahf" : "+a"(a)); u64 w = values[i]; __asm__ volatile("cmp %%rsp, %%rsp\n sahf\n lahf\n pushfq\n popq %0" : "=r"(f), "+a"(w) : : "cc"); add(f & 0x8d5 - 0); add(w);
    __asm__ volatile("cmp %%rsp, %%rsp\n stc\n pushfq\n cmc\n pushfq\n pop %0\n pop %1" : "=r"(f), "=r"(w) : : "cc"); add(f & 0xd5); add(w & 0xd5);
    memory[1] = values[i]; u64 e = values[(i * 3) % N], x = 99; a = e; __asm__ volatile("lock cmpxchgq %[x], %[m]\n pushfq\n pop %[f]" : "+a"(a), [m] "+m"(memory[1]), [f] "=&r"(f) : [x] "r"(x) : "cc"); add(a); add(memory[1]); add(f & 0x8d5);
    memory[1] = values[i]; a = e; __asm__ volatile("lock cmpxchgl %k[x], %[m]" : "+a"(a), [m] "+m"(memory[1]) : [x] "r"(x) : "cc"); add(a); add(memory[1]);
    static u64 pair[2] __attribute__((aligned(16))); pair[0] = i & 1 ? 5 : 6; pair[1] = 6; a = 5; d = 6; __asm__ volatile("lock cmpxchg16b %[m]\n setz %b[f]" : "+a"(a), "+d"(d), [m] "+m"(pair), [f] "+&r"(f) : "b"(1ul), "c"(2ul) : "cc"); add(a); add(d); add(pair[0]); add(pair[1]); add(f & 1);
    pair[0] = i & 1 ? 5 + (6ul << 32) : 1; a = 5; d = 6; __asm__ volatile("lock cmpxchg8b %[m]" : "+a"(a), "+d"(d), [m] "+m"(pair[0]) : "b"(1ul), "c"(2ul) : "cc"); add(a); add(d); add(pair[0]);
    a = values[i]; __asm__ volatile("leal 7(%k0,%k0,4), %k0" : "+r"(a)); add(a); a = values[i]; __asm__ volatile("leaw 7(%0,%0,4), %w0" : "+r"(a)); add(a); a = values[i]; __asm__ volatile("addr32 lea 7(%k0,%k0,4), %0" : "+r"(a)); add(a);
    c = 5; a = 0; __asm__ volatile("1: add $3, %0\n loop 1b" : "+r"(a), "+c"(c) : : "cc"); add(a);
    a = i; __asm__ volatile("xlat" : "+a"(a) : "b"(text)); add(a); __asm__ volatile("enter $32, $0\n mov %%rbp, %0\n sub %%rsp, %0\n leave" : "=r"(a)); add(a);
    a = values[i]; __asm__ volatile("push %0\n pushw %w0\n popw %w1\n pop 8+%2" : "+r"(a), "+r"(d), "+m"(memory[5]) : : "memory"); add(memory[6]); add(d);
    u64 before, after; __asm__ volatile("mov %%rsp, %0\n call 1f\n 1: pop %1\n lea 2f(%%rip), %1\n push %1\n ret $0\n 2: mov %%rsp, %1" : "=&r"(before), "=&r"(after)); add(after - before);
  }
  show("others", hash);
}
static u8 wide[3 * 4096] __attribute__((aligned(4096)));
__attribute__((section(".wtext,\"awx\",@progbits#"))) static u8 code[8192] __attribute__((aligned(4096)));
static void edges(void) {
  hash = 1;
  for (int at = 4096 - 8; at <= 4096; at++) { *(u64 *)(wide + at) = 0x0102030405060708ul * at; add(*(u64 *)(wide + at)); *(u16 *)(wide + at) += 77; add(*(u32 *)(wide + at)); }
  u64 d = (u64)wide + 8190, s = (u64)wide + 4093, top; __asm__ volatile("movsq" : "+D"(d), "+S"(s) : : "memory"); for (int i = 4090; i < 8200; i++) add(wide[i]);
  __asm__ volatile("mov %%rsp, %0\n lea 4100(%1), %%rsp\n push 4093(%1)\n pop 8187(%1)\n mov %0, %%rsp" : "=&r"(top) : "r"(wide) : "memory"); for (int i = 4090; i < 8200; i++) add(wide[i]);
  /* Code that is written, run, and written again: mov $n, %eax; ret across the page's end. And code that changes the instruction after it. */
  for (int at = 4088; at < 4098; at++) for (int n = 0; n < 3; n++) { u8 *p = code + at; p[0] = 0xb8; *(u32 *)(p + 1) = n * 1000 + at; p[5] = 0xc3; add(((u32(*)(void))p)()); }
  /* movb $5, 1(%rip) [c6 05 01 00 00 00 05]; nop-like b0 XX: mov $XX, %al; ret */
  for (int at = 4080; at < 4096; at++) { u8 *p = code + at; static const u8 self[] = {0x31, 0xc0, 0xc6, 0x05, 1, 0, 0, 0, 5, 0xb0, 1, 0xc3}; memcpy(p, self, 12); add(((u32(*)(void))p)()); p[10] = 9; add(((u32(*)(void))p)()); }
  show("edges", hash);
}
