// Reads clocks, sleeps, and counts the ticks of an interval timer. Times are printed in whole steps, so a fast and a slow machine agree.
#include "linux.h"

static volatile long ticks;

static void count_tick(int signal) {
  (void)signal;
  ticks++;
}

static long now_millis(void) {
  struct timespec now;
  must(sys(clock_gettime, CLOCK_MONOTONIC, &now), "clock_gettime");
  return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void sleep_millis(long millis) {
  struct timespec rest = {millis / 1000, millis % 1000 * 1000000};
  while (sys(nanosleep, &rest, &rest) < 0) continue;
}

static void show_sleep(void) {
  long began = now_millis();
  sleep_millis(300);
  print("slept %d tenths of a second\n", (now_millis() - began) / 100);
}

static void show_timer(long count) {
  struct itimerval tenth = {{0, 100000}, {0, 100000}}, off = {{0, 0}, {0, 0}};
  on_signal(SIGALRM, count_tick);
  long began = now_millis();
  must(sys(setitimer, ITIMER_REAL, &tenth, 0), "setitimer");
  for (long seen = 0; seen < count;) {
    sys(pause);
    while (seen < ticks) print("tick %d\n", ++seen);
  }
  must(sys(setitimer, ITIMER_REAL, &off, 0), "setitimer");
  print("%d ticks in %d tenths of a second\n", count, (now_millis() - began) / 100);
}

int main(int count, char **words, char **environment) {
  (void)environment;
  struct timespec today;
  must(sys(clock_gettime, CLOCK_REALTIME, &today), "clock_gettime");
  print("it is %s the year 2020\n", today.tv_sec < 1577836800 ? "before" : "after");
  show_sleep();
  show_timer(count > 1 ? number_in(words[1], 5) : 5);
  return 0;
}
