// Two threads that take turns by a mutex and a condition: futex waits and wakes.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_turned = PTHREAD_COND_INITIALIZER;
static long turn, turns, turns_each = 40000;

static void *take_turns(void *argument) {
  long me = (long)argument;
  for (long i = 0; i < turns_each; i++) {
    pthread_mutex_lock(&mutex);
    while (turn != me) pthread_cond_wait(&has_turned, &mutex);
    turns++;
    turn = !me;
    pthread_cond_signal(&has_turned);
    pthread_mutex_unlock(&mutex);
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc > 1) turns_each = atol(argv[1]);
  pthread_t threads[2];
  for (long i = 0; i < 2; i++) pthread_create(&threads[i], 0, take_turns, (void *)i);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], 0);
  printf("mutex %ld\n", turns);
}
