// mq_notify: by a signal, by a netlink socket as the C library's threads are, by nothing; who may register, and what ends a registration.
#include "check.h"
#include <linux/netlink.h>
#include <mqueue.h>
#include <sys/socket.h>

static volatile siginfo_t got;
static volatile int signals;
static void handler(int signal, siginfo_t *info, void *context) { *(siginfo_t *)&got = *info, signals++; }
static mqd_t queue;
static char name[40];
static long notify(mqd_t which, struct sigevent *event) { return syscall(SYS_mq_notify, which, event); }
static void receive(void) {
  char buffer[100];
  printf("%ld bytes\n", (long)mq_receive(queue, buffer, sizeof buffer, NULL));
}
static void *receiver(void *unused) { return receive(), NULL; }
static void thread(union sigval value) { printf("thread: %d\n", value.sival_int), fflush(stdout), signals++; }
static void look(void) {
  char text[200];
  lseek(queue, 0, SEEK_SET);
  long length = read(queue, text, sizeof text - 1);
  text[length < 0 ? 0 : length] = 0;
  char *pid = strstr(text, "NOTIFY_PID:");
  printf("%.*s%s\n", (int)(pid - text), text, atoi(pid + 11) == getpid() ? "mine" : atoi(pid + 11) ? "another's" : "nobody's");
}

int main(void) {
  sprintf(name, "/chronix-notice-%d", getpid());
  struct mq_attr attributes = {.mq_maxmsg = 5, .mq_msgsize = 100};
  queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, &attributes);
  struct sigaction action = {.sa_flags = SA_SIGINFO};
  action.sa_sigaction = handler, sigaction(SIGUSR1, &action, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 77};
  tell("no descriptor", notify(-1, &event)), tell("no queue", notify(0, &event)), tell("bad pointer", notify(queue, (void *)8));
  event.sigev_notify = 9, tell("no way", notify(-1, &event));
  event.sigev_notify = SIGEV_SIGNAL, event.sigev_signo = 65, tell("no signal", notify(-1, &event));
  event.sigev_signo = -1, tell("less than none", notify(queue, &event)), event.sigev_signo = SIGUSR1;
  tell("nothing to remove", notify(queue, NULL));
  look(), tell("register", notify(queue, &event)), look(), tell("once more", notify(queue, &event));
  if (fork() == 0) {
    tell("another process", notify(queue, &event)), tell("removes not mine", notify(queue, NULL)), tell("still there", notify(queue, &event));
    mq_close(queue), exit(0);
  }
  wait(NULL);
  mq_send(queue, "a", 1, 0);
  check(signals == 1 && got.si_signo == SIGUSR1 && got.si_code == SI_MESGQ && got.si_value.sival_int == 77 && got.si_pid == getpid() && got.si_uid == getuid(), "told");
  look(), tell("register while full", notify(queue, &event)), mq_send(queue, "b", 1, 0), check(signals == 1, "only of the first");
  receive(), receive(), mq_send(queue, "c", 1, 0), check(signals == 2, "of the next first"), receive();
  tell("register", notify(queue, &event));
  pthread_t other;
  pthread_create(&other, NULL, receiver, NULL), pass_time(5), mq_send(queue, "waited for", 10, 0), pthread_join(other, NULL);
  check(signals == 2, "not where somebody waits"), look();
  mq_close(dup(queue)), look(), tell("closing any ends it", notify(queue, &event)), tell("remove", notify(queue, NULL)), look();
  event.sigev_notify = SIGEV_NONE, tell("without being told", notify(queue, &event)), look(), mq_send(queue, "d", 1, 0), look(), receive();

  int sockets[2], link = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
  char cookie[32] = "a cookie", back[64] = "";
  struct sigevent by_link = {.sigev_notify = SIGEV_THREAD, .sigev_signo = link, .sigev_value.sival_ptr = cookie};
  by_link.sigev_signo = 99, tell("no socket", notify(queue, &by_link)), by_link.sigev_signo = queue, tell("a queue", notify(queue, &by_link));
  by_link.sigev_signo = sockets[0], tell("another socket", notify(queue, &by_link)), by_link.sigev_signo = link;
  by_link.sigev_value.sival_ptr = (void *)8, tell("no cookie", notify(-1, &by_link)), by_link.sigev_value.sival_ptr = cookie;
  tell("by a socket", notify(queue, &by_link)), look(), mq_send(queue, "e", 1, 0);
  tell("its bytes", recv(link, back, sizeof back, 0)), printf("%s %d\n", back, back[31]), receive();
  tell("by a socket", notify(queue, &by_link)), tell("removed", notify(queue, NULL)), tell("its bytes", recv(link, back, sizeof back, 0)), printf("%s %d\n", back, back[31]);
  struct sigevent by_thread = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = thread, .sigev_value.sival_int = 5};
  signals = 0, tell("by a thread", mq_notify(queue, &by_thread)), mq_send(queue, "f", 1, 0);
  for (int i = 0; i < 100 && !signals; i++) pass_time(2);
  receive();
  if (fork() == 0) exit(works("registers and ends", notify(queue, &event)));
  wait(NULL), look(), tell("free again", notify(queue, &event));
  return mq_unlink(name);
}
