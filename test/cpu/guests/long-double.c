// Arithmetic, conversions, rounding modes and library functions in long double, and what compilers make of double with the 387.
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile long double values[] = {0.0L, -0.0L, 1.0L, -1.5L, 3.25L, 1e-4940L, 1e4900L, 0.1L, 123456789.987654321L, -7e18L, 9.3e18L};
#define COUNT (sizeof values / sizeof *values)

static void show(const char *name, long double x) {
  unsigned char bytes[16];
  memcpy(bytes, &x, 10);
  printf("%s %.18Lg ", name, x);
  for (int i = 9; i >= 0; i--) printf("%02x", bytes[i]);
  putchar('\n');
}
static double logistic(int n) {
  double x = 0.5, sum = 0;
  for (int i = 0; i < n; i++) { x = 3.7 * x * (1 - x); sum += x / 3; }
  return sum;
}
int main(void) {
  for (unsigned i = 0; i < COUNT; i++) {
    long double a = values[i];
    show("sqrt", sqrtl(fabsl(a)));
    show("rint", rintl(a));
    show("floor", floorl(a));
    show("ceil", ceill(a));
    show("trunc", truncl(a));
    show("ldexp", ldexpl(a, 7));
    printf("%d %ld %lld\n", (int)a, (long)a, llrintl(a));
    printf("%d %d %d %d\n", fpclassify(a), signbit(a), (float)a > 1, (double)a < a);
    for (unsigned j = 0; j < COUNT; j++) {
      long double b = values[j];
      show("add", a + b);
      show("sub", a - b);
      show("mul", a * b);
      show("div", a / b);
      show("fmod", fmodl(a, b));
      show("remainder", remainderl(a, b));
      printf("%d%d%d%d%d ", a < b, a <= b, a == b, isunordered(a, b), islessgreater(a, b));
    }
  }
  int modes[] = {FE_TONEAREST, FE_DOWNWARD, FE_UPWARD, FE_TOWARDZERO};
  for (int i = 0; i < 4; i++) {
    fesetround(modes[i]);
    show("third", values[2] / values[4]);
    printf("%d %lld\n", fegetround(), llrintl(values[3]));
  }
  fesetround(FE_TONEAREST);
  feclearexcept(FE_ALL_EXCEPT);
  show("zero", values[2] / values[0]);
  printf("divbyzero %d\n", fetestexcept(FE_DIVBYZERO) != 0);
  printf("%.17g %.12Lf %.12Lf %.12Lf %.12Lf\n", logistic(100000), sinl(1), expl(1), logl(10), atan2l(1, 2));
  printf("%Lg %Lf %La\n", strtold("1.189731495357231765e4932", 0), strtold("0.1", 0), strtold("3.14159265358979323846", 0));
  unsigned long u = strtoul("18446744073709551615", 0, 10);
  printf("%.0Lf %lu %f\n", (long double)u, (unsigned long)(long double)u, (double)u);
  return 7;
}
