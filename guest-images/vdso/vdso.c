// What programs find at AT_SYSINFO_EHDR (vdso(7)): clocks without a call. Before it lies a page of data; the processor's time stamp counter shows virtual nanoseconds since boot.
// `node guest-images/vdso/build.ts` makes engine/loader/vdso-image.ts of it.
typedef long i64;
typedef unsigned long u64;
struct timespec { i64 sec, nsec; };
struct timeval { i64 sec, usec; };
struct timezone { int west, dst; };
struct data { u64 epoch, offset; };

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
#define DATA ((volatile const struct data *)(__ehdr_start - 4096))
#define EXPORT __attribute__((visibility("default")))
#define SECOND 1000000000ul
#define JIFFY 4000000ul

static inline u64 since_boot(void) {
  unsigned low, high;
  __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
  return (u64)high << 32 | low;
}
static inline i64 call(i64 number, i64 first, i64 second) {
  i64 result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(first), "S"(second) : "rcx", "r11", "memory");
  return result;
}
static inline void show(struct timespec *time, u64 nanos, u64 epoch, u64 grain) {
  u64 fraction = nanos % SECOND;
  time->sec = nanos / SECOND + epoch;
  time->nsec = fraction - fraction % grain;
}
EXPORT int __vdso_clock_gettime(int clock, struct timespec *time) {
  switch (clock) {
    case 0: case 11: show(time, since_boot() + DATA->offset, DATA->epoch, 1); return 0;
    case 1: case 4: case 7: show(time, since_boot(), 0, 1); return 0;
    case 5: show(time, since_boot() + DATA->offset, DATA->epoch, JIFFY); return 0;
    case 6: show(time, since_boot(), 0, JIFFY); return 0;
    default: return call(228, clock, (i64)time);
  }
}
EXPORT int __vdso_gettimeofday(struct timeval *time, struct timezone *zone) {
  if (time) {
    u64 nanos = since_boot() + DATA->offset;
    time->sec = nanos / SECOND + DATA->epoch;
    time->usec = nanos % SECOND / 1000;
  }
  if (zone) zone->west = zone->dst = 0;
  return 0;
}
EXPORT i64 __vdso_time(i64 *time) {
  i64 now = (since_boot() + DATA->offset) / SECOND + DATA->epoch;
  if (time) *time = now;
  return now;
}
EXPORT int __vdso_clock_getres(int clock, struct timespec *time) {
  if (clock != 0 && clock != 1 && (clock < 4 || clock > 7) && clock != 11) return call(229, clock, (i64)time);
  if (time) time->sec = 0, time->nsec = clock == 5 || clock == 6 ? JIFFY : 1;
  return 0;
}
EXPORT i64 __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused) {
  if (cpu) *cpu = 0;
  if (node) *node = 0;
  return 0;
}
extern __typeof__(__vdso_clock_gettime) clock_gettime __attribute__((weak, alias("__vdso_clock_gettime"), visibility("default")));
extern __typeof__(__vdso_gettimeofday) gettimeofday __attribute__((weak, alias("__vdso_gettimeofday"), visibility("default")));
extern __typeof__(__vdso_time) time __attribute__((weak, alias("__vdso_time"), visibility("default")));
extern __typeof__(__vdso_clock_getres) clock_getres __attribute__((weak, alias("__vdso_clock_getres"), visibility("default")));
extern __typeof__(__vdso_getcpu) getcpu __attribute__((weak, alias("__vdso_getcpu"), visibility("default")));
