// What double and float arithmetic raises, asked by fenv.h: in the default mode, with exceptions set and clear, with FTZ and DAZ.
#include <fenv.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <xmmintrin.h>

static const double doubles[] = {0.0, -0.0, 1.0, 3.0, 0.1, -2.5, DBL_MIN, DBL_MIN / 4, DBL_MAX, -DBL_MAX, INFINITY, NAN, 1e300, 1e-300, 9007199254740993.0, 1048577.0};
static const float floats[] = {0.0f, -0.0f, 1.0f, 3.0f, 0.1f, -2.5f, FLT_MIN, FLT_MIN / 4, FLT_MAX, -FLT_MAX, INFINITY, NAN, 1e30f, 1e-30f, 16777217.0f, 4097.0f};
#define COUNT (int)(sizeof doubles / sizeof *doubles)

static volatile int raised, sink;
static void note(void) { raised = raised * 31 + (int)(_mm_getcsr() & 0xffff); }

static void arithmetic(unsigned mxcsr) {
  raised = 0;
  for (int i = 0; i < COUNT; i++)
    for (int j = 0; j < COUNT; j++) {
      volatile double a = doubles[i], b = doubles[j], r;
      volatile float x = floats[i], y = floats[j], s;
      volatile long n;
#define TRY(statement) _mm_setcsr(mxcsr); statement; note()
      TRY(r = a + b); TRY(r = a - b); TRY(r = a * b); TRY(r = a / b); TRY(r = sqrt(a));
      TRY(s = x + y); TRY(s = x - y); TRY(s = x * y); TRY(s = x / y); TRY(s = (float)a); TRY(r = x);
      TRY(n = (long)a); TRY(n = (int)x); TRY(n = lrint(a)); TRY(r = (double)n); TRY(s = (float)n);
      TRY(sink = a < b); TRY(sink = a == b); TRY(sink = isless(x, y)); TRY(sink = x >= y);
      (void)r; (void)s;
    }
  _mm_setcsr(0x1f80);
  printf("mxcsr %04x: %08x\n", mxcsr, (unsigned)raised);
}

int main(void) {
  static const unsigned modes[] = {0x1f80, 0x1fa0, 0x1fbf, 0x9fc0, 0x9f80, 0x1fc0, 0x9fe0, 0x3f80, 0x5fa0, 0x7f80};
  for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) arithmetic(modes[i]);
  volatile double sum = 0;
  feclearexcept(FE_ALL_EXCEPT);
  for (int i = 1; i < 1000; i++) sum = sum + i * (double)i;
  printf("integers: %x\n", fetestexcept(FE_ALL_EXCEPT));
  sum = sum / 3.0 * 0.1;
  printf("fractions: %x\n", fetestexcept(FE_ALL_EXCEPT));
  return fetestexcept(FE_ALL_EXCEPT);
}
