// Threads by pthreads: mutexes, conditions, barriers, thread-local storage, joining, cancelling, signals to threads, exec by a thread that is not the first.
#include "check.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static int turn, total;
static __thread int own;

static void *count(void *number) {
  for (int i = 0; i < 20; i++) {
    pthread_mutex_lock(&lock);
    while (turn != (long)number) pthread_cond_wait(&turn_changed, &lock);
    total += ++own;
    turn = (turn + 1) % 4;
    pthread_cond_broadcast(&turn_changed);
    pthread_mutex_unlock(&lock);
  }
  pthread_barrier_wait(&barrier);
  return (void *)(long)own;
}
static void *never(void *unused) {
  for (;;) pause();
  return unused;
}
static volatile sig_atomic_t taken_by;
static void take(int signal) { taken_by = syscall(SYS_gettid); }
static void *wait_for_signal(void *tid) {
  *(volatile int *)tid = syscall(SYS_gettid);
  while (!taken_by) sched_yield();
  return NULL;
}
static void *end_process(void *unused) {
  pass_time(5);
  exit(7);
}
static void *become_other(void *path) {
  execl("/proc/self/exe", "threads", "again", NULL);
  return NULL;
}
#include <sys/prctl.h>

static void *be_named(void *tid) {
  prctl(PR_SET_NAME, "other");
  *(volatile int *)tid = syscall(SYS_gettid);
  return never(NULL);
}
// Not listed, but there: what is told of the thread, not of the first one (proc(5), /proc/TID).
static void look_at(int tid) {
  char path[40], line[100];
  int seen = 0;
  sprintf(path, "/proc/%d/status", tid);
  FILE *file = fopen(path, "r");
  while (fgets(line, sizeof line, file)) {
    seen += !strcmp(line, "Name:\tother\n") + !strcmp(line, "State:\tS (sleeping)\n");
    if (!strncmp(line, "Pid:", 4)) seen += atoi(line + 5) == tid;
    if (!strncmp(line, "Tgid:", 5)) seen += atoi(line + 6) == getpid();
  }
  fclose(file);
  tell("true of the thread", seen);
}
int main(int count_of_arguments, char **arguments) {
  if (count_of_arguments > 1) {
    check(getpid() == syscall(SYS_gettid), "after exec the thread leads");
    return 3;
  }
  pthread_t threads[4];
  void *result;
  pthread_barrier_init(&barrier, NULL, 4);
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, count, (void *)i);
  for (int i = 0; i < 4; i++) {
    pthread_join(threads[i], &result);
    tell("joined", (long)result);
  }
  tell("total", total);

  volatile int named = 0;
  pthread_create(&threads[0], NULL, be_named, (void *)&named);
  while (!named) sched_yield();
  pass_time(10);
  look_at(named);
  pthread_cancel(threads[0]);
  pthread_join(threads[0], &result);
  check(result == PTHREAD_CANCELED, "cancelled");

  signal(SIGUSR1, take);
  volatile int tid = 0;
  pthread_create(&threads[0], NULL, wait_for_signal, (void *)&tid);
  while (!tid) sched_yield();
  tell("tgkill", syscall(SYS_tgkill, getpid(), tid, SIGUSR1));
  pthread_join(threads[0], NULL);
  check(taken_by == tid, "taken by the thread it was for");
  tell("tgkill of nobody", syscall(SYS_tgkill, getpid(), tid, SIGUSR1));
  tell("tgkill of none", syscall(SYS_tgkill, getpid(), -1, SIGUSR1));

  int status;
  if (fork() == 0) {
    pthread_create(&threads[0], NULL, end_process, NULL);
    never(NULL);
  }
  wait(&status);
  tell("a thread ended the process", WEXITSTATUS(status));
  if (fork() == 0) {
    pthread_create(&threads[0], NULL, become_other, NULL);
    never(NULL);
  }
  wait(&status);
  tell("a thread executed", WEXITSTATUS(status));
  if (fork() == 0) {
    // The first thread ends, the others go on.
    pthread_create(&threads[0], NULL, end_process, NULL);
    pthread_exit(NULL);
  }
  wait(&status);
  tell("the first thread ended before", WEXITSTATUS(status));
  if (fork() == 0) {
    pthread_create(&threads[0], NULL, never, NULL);
    raise(SIGKILL);
  }
  wait(&status);
  check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "a signal ended all");
  tell("membarrier registers", syscall(SYS_membarrier, 16, 0, 0));
  tell("membarrier private", syscall(SYS_membarrier, 8, 0, 0));
  tell("membarrier flags", syscall(SYS_membarrier, 8, 2, 0));
  return 0;
}
