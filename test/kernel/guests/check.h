// What the guest programs share: telling what a call answered, by the errno's name.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void tell(const char *what, long value) {
  if (value == -1) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: %ld\n", what, value);
  fflush(stdout);
}
// Only whether it worked: descriptors, ids and addresses differ.
static long works(const char *what, long value) {
  printf("%s: %s\n", what, value == -1 ? strerrorname_np(errno) : "ok");
  fflush(stdout);
  return value;
}
static void check(int holds, const char *what) {
  printf("%s: %s\n", what, holds ? "yes" : "NO");
  fflush(stdout);
}
// Said natively where the kernel was built without it, or keeps it from this process: guests.test.ts then compares nothing.
static int not_compared(const char *what) {
  printf("not compared: this kernel has no %s\n", what);
  return 0;
}
static void pass_time(long millis) {
  struct timespec time = {millis / 1000, millis % 1000 * 1000000};
  while (nanosleep(&time, &time) == -1 && errno == EINTR) {}
}
static long millis_since(const struct timespec *from) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - from->tv_sec) * 1000 + (now.tv_nsec - from->tv_nsec) / 1000000;
}
