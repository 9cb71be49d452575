// getrusage: CPU time and context switches, of a process, a thread, and children that were waited for.
#include "check.h"

static void burn(void) {
  struct timespec start, now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
  do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec < 500000);
}
static long micros(struct rusage *usage) { return usage->ru_utime.tv_sec * 1000000 + usage->ru_utime.tv_usec + usage->ru_stime.tv_sec * 1000000 + usage->ru_stime.tv_usec; }
static void *sleeps(void *own) {
  for (int i = 0; i < 5; i++) pass_time(1);
  getrusage(RUSAGE_THREAD, own);
  return NULL;
}
int main(void) {
  struct rusage before, after, thread, children;
  getrusage(RUSAGE_SELF, &before);
  for (int i = 0; i < 10; i++) pass_time(1);
  getrusage(RUSAGE_SELF, &after), check(after.ru_nvcsw - before.ru_nvcsw >= 10 && after.ru_nvcsw - before.ru_nvcsw < 15, "each sleep is a switch");
  burn(), getrusage(RUSAGE_SELF, &before), check(micros(&before) - micros(&after) >= 400, "time");
  pthread_t other;
  pthread_create(&other, NULL, sleeps, &thread), pthread_join(other, NULL);
  check(thread.ru_nvcsw >= 5 && thread.ru_nvcsw < 10 && micros(&thread) < micros(&before), "a thread's own"), getrusage(RUSAGE_SELF, &after), check(after.ru_nvcsw - before.ru_nvcsw >= 5, "its process's, too");
  getrusage(RUSAGE_CHILDREN, &children), check(micros(&children) == 0 && children.ru_nvcsw == 0, "no children");
  if (fork() == 0) burn(), sleeps(&thread), exit(0);
  getrusage(RUSAGE_CHILDREN, &children), check(children.ru_nvcsw == 0, "not waited for");
  wait4(-1, NULL, 0, &after), check(after.ru_nvcsw >= 5 && micros(&after) >= 400, "told by wait4"), getrusage(RUSAGE_CHILDREN, &children), check(children.ru_nvcsw == after.ru_nvcsw && micros(&children) == micros(&after), "and by getrusage");
  tell("nobody", getrusage(9, &children)), tell("nowhere", getrusage(RUSAGE_SELF, (void *)8));
  return 0;
}
