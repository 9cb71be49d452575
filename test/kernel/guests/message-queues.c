// POSIX message queues: order by priority, limits, waiting and not, what is told, names that go before their queues.
#include "check.h"
#include <mqueue.h>

static char buffer[200];
static void *receive(void *queue) {
  unsigned priority;
  return (void *)mq_receive(*(mqd_t *)queue, buffer, sizeof buffer, &priority);
}
int main(void) {
  char name[40];
  sprintf(name, "/chronix-%d", getpid());
  struct mq_attr attributes = {.mq_maxmsg = 3, .mq_msgsize = 100}, told;
  tell("none there", mq_open(name, O_RDWR)), tell("no slash", syscall(SYS_mq_open, "a/b", O_CREAT | O_RDWR, 0600, NULL));
  attributes.mq_maxmsg = 0, tell("no room", mq_open(name, O_RDWR | O_CREAT, 0600, &attributes)), attributes.mq_maxmsg = 3;
  mqd_t queue = works("open", mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes));
  tell("there already", mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes));
  tell("send", mq_send(queue, "low", 3, 1)), tell("send", mq_send(queue, "high", 4, 9)), tell("send", mq_send(queue, "again", 5, 9));
  tell("too long", mq_send(queue, buffer, 101, 0)), tell("priority", mq_send(queue, "x", 1, 32768));
  struct timespec past = {1, 0}, wrong = {0, -1};
  tell("full", mq_timedsend(queue, "x", 1, 0, &past)), tell("wrong time", mq_timedsend(queue, "x", 1, 0, &wrong));
  mq_getattr(queue, &told), printf("%ld %ld %ld %ld\n", told.mq_flags, told.mq_maxmsg, told.mq_msgsize, told.mq_curmsgs);
  struct pollfd ready = {queue, POLLIN | POLLOUT};
  tell("poll", poll(&ready, 1, 0)), tell("only to read", ready.revents);
  unsigned priority;
  tell("short", mq_receive(queue, buffer, 50, &priority));
  for (int i = 0; i < 3; i++) {
    long length = mq_receive(queue, buffer, sizeof buffer, &priority);
    printf("%.*s %u\n", (int)length, buffer, priority);
  }
  tell("empty", mq_timedreceive(queue, buffer, sizeof buffer, NULL, &past));
  attributes.mq_flags = O_NONBLOCK, tell("set", mq_setattr(queue, &attributes, &told)), tell("without waiting", mq_receive(queue, buffer, sizeof buffer, NULL));
  attributes.mq_flags = 0, mq_setattr(queue, &attributes, NULL);
  pthread_t thread;
  void *result;
  pthread_create(&thread, NULL, receive, &queue), pass_time(5), mq_send(queue, "waited", 6, 0), pthread_join(thread, &result), tell("waited", (long)result);
  mqd_t reader = mq_open(name, O_RDONLY);
  tell("only read", mq_send(reader, "x", 1, 0)), tell("no queue", mq_send(0, "x", 1, 0));
  tell("unlink", mq_unlink(name)), tell("again", mq_unlink(name)), tell("no name", mq_open(name, O_RDWR)), tell("still there", mq_send(queue, "x", 1, 0));
  return mq_close(queue) + mq_close(reader);
}
