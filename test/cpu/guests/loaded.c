#include <stdio.h>
#include <string.h>
#include <xmmintrin.h>

/* Numbers that are loaded, and then computed with when what they were loaded from has become another. */
static double values[] = {1.0, 5e-310, 2.5, 0.0, 1e300, 3e-320, -7.25, 0.1};
#define COUNT (int)(sizeof values / sizeof *values)

static __attribute__((noinline)) double round_of(double *at, double other, double sum) {
  double kept = *at;
  __asm__ volatile("movsd %[at], %%xmm5\n movsd %[other], %[at]\n addsd %%xmm5, %[sum]"
                   : [sum] "+x"(sum), [at] "+m"(*at) : [other] "x"(other) : "xmm5");
  *at = kept;
  return sum;
}

int main(void) {
  _mm_setcsr(0x1fa0);
  unsigned raised = 0;
  double sum = 0;
  for (int i = 0; i < 150000; i++) {
    /* The others stay for long, so that compiled code goes through them too. */
    int which = i % 1000 < 900 ? (i % 2) * 2 : i % COUNT;
    sum = round_of(&values[which], i % 3 ? 1.0 : 4e-312, sum);
    if (sum > 1e200) sum = .5;
    if (i % 1000 < 900 && i % 50 < 49) continue;
    raised = raised * 31 + _mm_getcsr();
    _mm_setcsr(0x1fa0);
  }
  unsigned long bits;
  memcpy(&bits, &sum, sizeof bits);
  printf("%lx %x\n", bits, raised);
  return 0;
}
