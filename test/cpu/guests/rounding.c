// Sums of double and float in every rounding mode, and with denormals taken for zeros.
#include <fenv.h>
#include <stdio.h>
#include <stdlib.h>
#include <xmmintrin.h>

int main(void) {
  volatile double one = 1, three = 3, tiny = 1e-310;
  volatile float small = 1e-40f;
  int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    double sum = 0;
    for (int n = 1; n < 500; n++) sum += one / (three * n);
    printf("%.20g %.20g %.9g %d %.20g\n", sum, strtod("0.1", 0), (float)sum, fegetround() == modes[i], tiny / three);
  }
  fesetround(FE_TONEAREST);
  _mm_setcsr(_mm_getcsr() | 0x8040);
  printf("%g %g %d\n", tiny * one, small + small, tiny == 0);
  return 0;
}
