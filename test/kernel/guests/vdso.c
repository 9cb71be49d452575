// Clocks by the vdso and by calls show one time; both go forward; the vdso is where the auxiliary vector says.
#include "check.h"
#include <elf.h>
#include <sys/auxv.h>

static long nanos(const struct timespec *time) { return time->tv_sec * 1000000000 + time->tv_nsec; }
int main(void) {
  const unsigned char *image = (void *)getauxval(AT_SYSINFO_EHDR);
  check(image && !memcmp(image, ELFMAG, 4), "an ELF image");
  int ordered = 1, same = 1;
  const clockid_t clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE};
  for (int i = 0; i < 5; i++)
    for (int j = 0; j < 20; j++) {
      struct timespec before, between, after;
      syscall(SYS_clock_gettime, clocks[i], &before);
      clock_gettime(clocks[i], &between);
      syscall(SYS_clock_gettime, clocks[i], &after);
      ordered &= nanos(&before) <= nanos(&between) && nanos(&between) <= nanos(&after);
      same &= nanos(&after) - nanos(&before) < 1000000000;
    }
  check(ordered, "between two calls"), check(same, "near");
  struct timeval first, second;
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact), gettimeofday(&first, NULL), syscall(SYS_gettimeofday, &second, NULL);
  check(first.tv_sec * 1000000 + first.tv_usec >= nanos(&exact) / 1000 && second.tv_sec * 1000000 + second.tv_usec >= first.tv_sec * 1000000 + first.tv_usec, "gettimeofday");
  time_t now = time(NULL);
  check(now >= exact.tv_sec && now <= exact.tv_sec + 1, "time");
  tell("no such clock", clock_gettime(99, &exact));
  struct timespec from, to;
  clock_gettime(CLOCK_MONOTONIC, &from), pass_time(30), clock_gettime(CLOCK_MONOTONIC, &to);
  check(nanos(&to) - nanos(&from) >= 30000000, "slept");
  unsigned cpu = 99;
  tell("getcpu", syscall(SYS_getcpu, &cpu, NULL, NULL)), check(sched_getcpu() >= 0, "sched_getcpu");
  return 0;
}
