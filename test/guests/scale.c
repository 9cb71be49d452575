// Many at once: threads that wait for one another, processes, connections watched by one epoll instance. `threads N`, `processes N` or `sockets N`.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_barrier_t barrier;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long sum;
static void *meet(void *number) {
  pthread_barrier_wait(&barrier);
  pthread_mutex_lock(&lock);
  sum += (long)number;
  pthread_mutex_unlock(&lock);
  return NULL;
}
static int threads(int count) {
  pthread_t *all = calloc(count, sizeof *all);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 65536);
  pthread_barrier_init(&barrier, NULL, count);
  for (long i = 0; i < count; i++)
    if (pthread_create(&all[i], &small, meet, (void *)i)) return 1;
  for (int i = 0; i < count; i++) pthread_join(all[i], NULL);
  printf("%ld\n", sum);
  return 0;
}
static int processes(int count) {
  int ends[2], status, total = 0;
  char byte;
  pipe(ends);
  for (int i = 0; i < count; i++) {
    pid_t child = fork();
    if (child == -1) return 1;
    if (child == 0) {
      close(ends[1]);
      read(ends[0], &byte, 1);
      _exit(1);
    }
  }
  close(ends[1]);
  while (wait(&status) > 0) total += WEXITSTATUS(status);
  printf("%d\n", total);
  return 0;
}
static int sockets(int count) {
  struct rlimit limit = {2 * count + 50, 2 * count + 50};
  setrlimit(RLIMIT_NOFILE, &limit);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int server = socket(AF_INET, SOCK_STREAM, 0), epoll = epoll_create1(0), *clients = calloc(count, sizeof *clients);
  bind(server, (void *)&address, sizeof address), listen(server, 100), getsockname(server, (void *)&address, &length);
  for (int i = 0; i < count; i++) {
    clients[i] = socket(AF_INET, SOCK_STREAM, 0);
    if (clients[i] == -1 || connect(clients[i], (void *)&address, sizeof address)) return 1;
    int accepted = accept(server, NULL, NULL);
    struct epoll_event event = {EPOLLIN, {.fd = accepted}};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &event)) return 2;
  }
  for (int i = 0; i < count; i++) {
    struct epoll_event event;
    char byte;
    write(clients[(i * 7919L) % count], "x", 1);
    if (epoll_wait(epoll, &event, 1, -1) != 1 || read(event.data.fd, &byte, 1) != 1) return 3;
    sum++;
  }
  printf("%ld\n", sum);
  return 0;
}
int main(int unused, char **arguments) {
  int count = atoi(arguments[2]);
  if (!strcmp(arguments[1], "threads")) return threads(count);
  return strcmp(arguments[1], "processes") ? sockets(count) : processes(count);
}
