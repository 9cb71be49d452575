// Ends with a core file, deep in calls of a thread, while another waits.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

char *words[2];
struct point { int x, y; } origin = {3, 4};
__attribute__((noinline)) int inner(struct point *at, double scale) {
  volatile int *nowhere = (int *)(long)at->x;
  return *nowhere + (int)scale;
}
__attribute__((noinline)) int outer(int depth) {
  struct point here = {depth, depth + 1};
  if (depth < 3) return outer(depth + 1) + 1;
  return inner(&here, 2.5) + here.y;
}
static void *worker(void *unused) {
  // Until then the other thread waits for this one, on a busy host, too.
  usleep(100000);
  return (void *)(long)outer(0);
}
int main(void) {
  struct rlimit core = {RLIM_INFINITY, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &core);
  if (fork() == 0) {
    pthread_t thread;
    words[0] = strdup("from the heap"), origin.y = 77;
    pthread_create(&thread, NULL, worker, NULL), pthread_join(thread, NULL);
  }
  int status;
  wait(&status);
  return WCOREDUMP(status) ? 0 : 1;
}
