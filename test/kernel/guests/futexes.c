// futex(2): every operation in use, its errnos, clocks, robust mutexes whose owner dies, priority-inheriting mutexes, futex_waitv.
#include "check.h"
#include <linux/futex.h>

#define futex(word, op, val, timeout, word2, val3) syscall(SYS_futex, word, op, val, timeout, word2, val3)
static uint32_t first, second;
static volatile int state;
struct waiter { uint32_t flags; uint64_t unused; };
struct waitv { uint64_t val, uaddr; uint32_t flags, reserved; };

static void *wait_on_first(void *bits) { return (void *)futex(&first, FUTEX_WAIT_BITSET, 0, NULL, NULL, (uint32_t)(long)bits); }
static void *wait_on_second(void *unused) { return (void *)futex(&second, FUTEX_WAIT, 0, NULL, NULL, 0); }
static void *wait_on_both(void *unused) {
  struct waitv list[2] = {{0, (uintptr_t)&first, 2, 0}, {0, (uintptr_t)&second, 2, 0}};
  return (void *)syscall(449, list, 2, 0, NULL, 0);
}
static pthread_t start(void *(*body)(void *), void *argument) {
  pthread_t thread;
  pthread_create(&thread, NULL, body, argument);
  pass_time(10);
  return thread;
}
static void finish(const char *what, pthread_t thread) {
  void *result;
  pthread_join(thread, &result);
  printf("%s: %ld\n", what, (long)result);
}
static pthread_mutex_t robust, inheriting;
static void *die_with_lock(void *mutex) {
  pthread_mutex_lock(mutex);
  return NULL;
}
static void *lock_it(void *mutex) {
  long result = pthread_mutex_lock(mutex);
  if (result == EOWNERDEAD) pthread_mutex_consistent(mutex);
  if (result == 0 || result == EOWNERDEAD) pthread_mutex_unlock(mutex);
  return (void *)result;
}
int main(void) {
  struct timespec soon = {0, 2000000}, wrong = {0, 1000000000}, then;
  tell("wait for another value", futex(&first, FUTEX_WAIT, 1, NULL, NULL, 0));
  tell("wait a little", futex(&first, FUTEX_WAIT, 0, &soon, NULL, 0));
  tell("wait until the past", futex(&first, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &soon, NULL, ~0u));
  clock_gettime(CLOCK_MONOTONIC, &then);
  then.tv_nsec += 3000000;
  if (then.tv_nsec >= 1000000000) then.tv_sec++, then.tv_nsec -= 1000000000;
  tell("wait until a moment", futex(&first, FUTEX_WAIT_BITSET, 0, &then, NULL, ~0u));
  tell("wrong time", futex(&first, FUTEX_WAIT, 0, &wrong, NULL, 0));
  tell("no bits", futex(&first, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
  tell("not aligned", futex((char *)&first + 1, FUTEX_WAIT, 0, NULL, NULL, 0));
  tell("nowhere", futex((void *)8, FUTEX_WAIT, 0, NULL, NULL, 0));
  tell("unknown", futex(&first, 40, 0, NULL, NULL, 0));
  tell("clock without a moment", futex(&first, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0));
  tell("wake nobody", futex(&first, FUTEX_WAKE, 5, NULL, NULL, 0));

  pthread_t one = start(wait_on_first, (void *)1), two = start(wait_on_first, (void *)2);
  tell("wake with other bits", futex(&first, FUTEX_WAKE_BITSET, 9, NULL, NULL, 4));
  tell("wake the second", futex(&first, FUTEX_WAKE_BITSET, 9, NULL, NULL, 2));
  finish("second", two);
  tell("requeue with another value", futex(&first, FUTEX_CMP_REQUEUE, 0, (void *)9, &second, 7));
  tell("requeue", futex(&first, FUTEX_CMP_REQUEUE, 0, (void *)9, &second, 0));
  tell("none is left", futex(&first, FUTEX_WAKE, 9, NULL, NULL, 0));
  tell("it is there", futex(&second, FUTEX_WAKE, 9, NULL, NULL, 0));
  finish("first", one);

  one = start(wait_on_first, (void *)1), two = start(wait_on_second, NULL);
  tell("wake and add", futex(&first, FUTEX_WAKE_OP, 9, (void *)9, &second, FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0)));
  tell("the word", second);
  finish("first", one), finish("second", two);
  tell("wake, or, not equal", futex(&first, FUTEX_WAKE_OP, 9, (void *)9, &second, FUTEX_OP(FUTEX_OP_OR, 2, FUTEX_OP_CMP_LT, 3)));
  tell("the word", second);
  tell("clear by shift", futex(&first, FUTEX_WAKE_OP, 9, (void *)9, &second, FUTEX_OP(FUTEX_OP_ANDN | 8, 0, FUTEX_OP_CMP_GE, 3)));
  tell("the word", second);
  tell("wrong comparison", futex(&first, FUTEX_WAKE_OP, 9, (void *)9, &second, FUTEX_OP(FUTEX_OP_SET, 0, 9, 3)));
  second = 0;

  one = start(wait_on_both, NULL);
  tell("wake one of two", futex(&second, FUTEX_WAKE, 9, NULL, NULL, 0));
  finish("which", one);
  struct waitv odd = {0, (uintptr_t)&first, 0, 0};
  tell("waitv without a size", syscall(449, &odd, 1, 0, NULL, 0));
  tell("waitv of none", syscall(449, &odd, 0, 0, NULL, 0));
  odd.flags = 2, odd.val = 3;
  tell("waitv of another value", syscall(449, &odd, 1, 0, NULL, 0));

  uint32_t lock = 0;
  tell("take", futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  check(lock == getpid(), "mine");
  tell("take again", futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  tell("try again", futex(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
  tell("give", futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  tell("give again", futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  lock = 0x3ffffff;
  tell("owner is nobody", futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));

  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutex_init(&robust, &attributes);
  one = start(die_with_lock, &robust);
  finish("died", one);
  check(pthread_mutex_lock(&robust) == EOWNERDEAD, "its owner died");
  pthread_mutex_consistent(&robust);
  one = start(lock_it, &robust);
  pthread_mutex_unlock(&robust);
  finish("locked after", one);
  pthread_mutex_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutex_init(shared, &attributes);
  pid_t child = fork();
  if (child == 0) {
    pthread_mutex_lock(shared);
    pass_time(20);
    raise(SIGKILL);
  }
  pass_time(5);
  tell("a process died that had it", pthread_mutex_lock(shared));
  waitpid(child, NULL, 0);

  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_STALLED);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(&inheriting, &attributes);
  pthread_mutex_lock(&inheriting);
  pthread_t many[3];
  for (int i = 0; i < 3; i++) many[i] = start(lock_it, &inheriting);
  tell("held", pthread_mutex_trylock(&inheriting) == EBUSY);
  pthread_mutex_unlock(&inheriting);
  for (int i = 0; i < 3; i++) finish("inheriting", many[i]);
  clock_gettime(CLOCK_REALTIME, &then);
  pthread_mutex_lock(&inheriting);
  struct sched_attr_ { uint32_t size, policy; uint64_t flags; int32_t nice; uint32_t priority; uint64_t a, b, c; } scheduling = {48, 0, 0, 5};
  tell("sched_setattr", syscall(SYS_sched_setattr, 0, &scheduling, 0));
  tell("nice", getpriority(PRIO_PROCESS, 0));
  tell("sched_setattr flags", syscall(SYS_sched_setattr, 0, &scheduling, 1));
  scheduling.policy = 77;
  tell("sched_setattr policy", syscall(SYS_sched_setattr, 0, &scheduling, 0));
  return 0;
}
