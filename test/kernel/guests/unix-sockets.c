// Unix sockets: pairs of each type, names in the file system and abstract ones, open files and credentials that are passed, ends that close, backlog, timeouts.
#include "check.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <stddef.h>
#include <sys/un.h>

static char buffer[300000];
static long send_file(int socket, int fd, const char *text) {
  struct iovec data = {(void *)text, strlen(text)};
  char control[CMSG_SPACE(sizeof(int))] = {0};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET, header->cmsg_type = SCM_RIGHTS, header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &fd, sizeof fd);
  return sendmsg(socket, &message, 0);
}
static long take(int socket, int flags, int room, int *fd) {
  struct iovec data = {buffer, 64};
  char control[256] = {0};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
  long length = recvmsg(socket, &message, flags);
  printf("took %ld, flags %x, control %zu:", length, message.msg_flags, message.msg_controllen);
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    printf(" type %d length %zu", header->cmsg_type, header->cmsg_len);
    if (header->cmsg_type == SCM_RIGHTS && fd) memcpy(fd, CMSG_DATA(header), sizeof *fd);
    if (header->cmsg_type == SCM_CREDENTIALS) printf(" own %d", ((struct ucred *)CMSG_DATA(header))->pid == getpid());
  }
  printf("\n");
  return length;
}
static struct sockaddr_un named(const char *name, socklen_t *length) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t size = strlen(name + 1) + 1;
  memcpy(address.sun_path, name, size);
  if (name[0] == '@') address.sun_path[0] = 0;
  *length = offsetof(struct sockaddr_un, sun_path) + size + (name[0] != '@');
  return address;
}
static long bind_to(int fd, const char *name) {
  socklen_t length;
  struct sockaddr_un address = named(name, &length);
  return bind(fd, (void *)&address, length);
}
static long connect_to(int fd, const char *name) {
  socklen_t length;
  struct sockaddr_un address = named(name, &length);
  return connect(fd, (void *)&address, length);
}
static void show_poll(const char *what, int fd) {
  struct pollfd ready = {fd, POLLIN | POLLOUT | POLLRDHUP};
  int count = poll(&ready, 1, 0);
  printf("%s: %d %x\n", what, count, ready.revents);
}
static int client_of;
static void *connect_later(void *name) { return (void *)connect_to(client_of, name); }
int main(void) {
  int pair[2], fd = -1, other;
  signal(SIGPIPE, SIG_IGN);
  tell("no such family", socket(77, SOCK_STREAM, 0));
  tell("no such type", socket(AF_UNIX, 9, 0));
  tell("no such type either", socket(AF_UNIX, 99, 0));
  tell("no such protocol", socket(AF_UNIX, SOCK_STREAM, 9));
  const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
  for (int i = 0; i < 3; i++) {
    tell("pair", socketpair(AF_UNIX, types[i] | SOCK_CLOEXEC, 0, pair));
    struct stat status;
    fstat(pair[0], &status);
    check(S_ISSOCK(status.st_mode) && fcntl(pair[0], F_GETFD) == FD_CLOEXEC, "a socket");
    show_poll("fresh", pair[0]);
    tell("send", send(pair[0], "hello", 5, 0)), tell("send", send(pair[0], "you", 3, 0));
    show_poll("filled", pair[1]);
    tell("peek", recv(pair[1], buffer, 3, MSG_PEEK));
    int count = 0;
    ioctl(pair[1], FIONREAD, &count);
    tell("to be read", count);
    tell("receive", recv(pair[1], buffer, 3, 0)), tell("receive", recv(pair[1], buffer, 64, 0));
    tell("none is left", recv(pair[1], buffer, 64, MSG_DONTWAIT) + (types[i] == SOCK_STREAM));
    tell("whole length", send(pair[0], "0123456789", 10, 0)), tell("of it", recv(pair[1], buffer, 4, MSG_TRUNC));
    recv(pair[1], buffer, 64, MSG_DONTWAIT);
    tell("wait a little", setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &(struct timeval){0, 3000}, sizeof(struct timeval)));
    tell("nothing came", recv(pair[1], buffer, 64, 0));
    tell("shut", shutdown(pair[0], SHUT_WR));
    show_poll("its end", pair[1]);
    if (types[i] != SOCK_DGRAM) tell("end", recv(pair[1], buffer, 64, 0));
    tell("no more", send(pair[0], "x", 1, 0));
    tell("the other way", send(pair[1], "back", 4, 0));
    close(pair[0]);
    show_poll("closed", pair[1]);
    tell("to nobody", send(pair[1], "x", 1, MSG_NOSIGNAL));
    if (types[i] != SOCK_DGRAM) tell("broken off", recv(pair[1], buffer, 64, 0)), tell("then the end", recv(pair[1], buffer, 64, 0));
    close(pair[1]);
  }
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  int file = open("/proc/self/cmdline", O_RDONLY);
  tell("pass a file", send_file(pair[0], file, "file"));
  close(file);
  take(pair[1], MSG_CMSG_CLOEXEC, 64, &fd);
  check(fcntl(fd, F_GETFD) == FD_CLOEXEC && read(fd, buffer, 64) > 0, "it can be read");
  tell("pass what is not open", send_file(pair[0], 99, "x"));
  send_file(pair[0], fd, "one"), send(pair[0], "two", 3, 0);
  take(pair[1], 0, 0, NULL);
  tell("the rest", recv(pair[1], buffer, 64, 0));
  // A file on its way keeps its other end alive.
  int ends[2];
  pipe(ends);
  send_file(pair[0], ends[1], "w"), close(ends[1]);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  tell("not ended", read(ends[0], buffer, 1));
  take(pair[1], 0, 64, &other);
  write(other, "z", 1), tell("through it", read(ends[0], buffer, 9));
  setsockopt(pair[1], SOL_SOCKET, SO_PASSCRED, &(int){1}, 4);
  send(pair[0], "who", 3, 0);
  take(pair[1], 0, 64, NULL);
  struct ucred peer;
  socklen_t length = sizeof peer;
  getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &length);
  check(peer.pid == getpid() && length == 12, "peer");
  // Full: some goes, then nothing.
  fcntl(pair[0], F_SETFL, O_NONBLOCK);
  check(write(pair[0], buffer, sizeof buffer) > 0 && write(pair[0], buffer, sizeof buffer) != 0, "filled");
  while (write(pair[0], buffer, 1000) > 0) {}
  tell("full", write(pair[0], buffer, 1000));
  show_poll("full", pair[0]);

  int server = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
  show_poll("idle", client);
  tell("not connected", send(client, "x", 1, 0)), tell("not connected", recv(client, buffer, 1, 0));
  tell("nobody there", connect_to(client, "./gone"));
  tell("nobody there", connect_to(client, "@gone"));
  tell("bind", bind_to(server, "./server"));
  tell("bind again", bind_to(server, "./again"));
  tell("in use", bind_to(client, "./server"));
  struct stat status;
  stat("./server", &status);
  check(S_ISSOCK(status.st_mode), "it lies there");
  tell("not a file", open("./server", O_RDONLY));
  tell("nobody listens", connect_to(client, "./server"));
  tell("accept what does not listen", accept(server, NULL, NULL));
  tell("listen", listen(server, 1));
  tell("connect", connect_to(client, "./server"));
  tell("connect again", connect_to(client, "./server"));
  show_poll("somebody came", server);
  struct sockaddr_un address;
  length = sizeof address;
  fd = works("accept", accept4(server, (void *)&address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK));
  tell("without a name", length);
  tell("flags", accept4(server, NULL, NULL, 7));
  length = 5;
  getsockname(fd, (void *)&address, &length);
  tell("cut short", length);
  length = sizeof address;
  getpeername(client, (void *)&address, &length);
  printf("%s %d\n", address.sun_path, length);
  tell("by type", (other = socket(AF_UNIX, SOCK_DGRAM, 0), connect_to(other, "./server")));
  int more[3];
  for (int i = 0; i < 3; i++) {
    more[i] = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
    tell("backlog", connect_to(more[i], "./server"));
  }
  client_of = socket(AF_UNIX, SOCK_STREAM, 0);
  pthread_t thread;
  void *result;
  pthread_create(&thread, NULL, connect_later, "./server");
  pass_time(5);
  close(accept(server, NULL, NULL));
  pthread_join(thread, &result);
  tell("there was room", (long)result);
  close(server);
  show_poll("the listener is gone", more[1]);
  tell("its socket stays", access("./server", F_OK));
  unlink("./server");

  server = socket(AF_UNIX, SOCK_DGRAM, 0), client = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  bind_to(server, "@datagrams of this test");
  socklen_t size;
  struct sockaddr_un to = named("@datagrams of this test", &size);
  tell("send to", sendto(client, "a", 1, 0, (void *)&to, size));
  length = sizeof address;
  tell("from nobody", recvfrom(server, buffer, 9, 0, (void *)&address, &length)), tell("length", length);
  bind_to(client, "@client of this test");
  sendto(client, "b", 1, 0, (void *)&to, size);
  length = sizeof address;
  tell("from", recvfrom(server, buffer, 9, 0, (void *)&address, &length)), tell("length", length);
  tell("connect", connect_to(client, "@datagrams of this test"));
  int sent = 0;
  while (send(client, "c", 1, 0) == 1) sent++;
  tell("so many wait", sent), tell("then", send(client, "c", 1, 0));
  show_poll("full", client);
  close(server);
  tell("refused", send(client, "c", 1, 0));
  int value;
  length = sizeof value;
  tell("type", getsockopt(client, SOL_SOCKET, SO_TYPE, &value, &length)), tell("is", value);
  tell("no socket", getsockopt(open("/dev/null", O_RDONLY), SOL_SOCKET, SO_TYPE, &value, &length));
  tell("no such option", getsockopt(client, SOL_SOCKET, 9999, &value, &length));
  tell("no such level", setsockopt(client, 6, 1, &value, 4));
  tell("too short", setsockopt(client, SOL_SOCKET, SO_REUSEADDR, &value, 1));
  tell("nowhere", recv(pair[1], (void *)8, 1, 0));
  struct mmsghdr many[3] = {0};
  struct iovec pieces[3] = {{"aa", 2}, {"bbb", 3}, {"c", 1}}, rooms[3] = {{buffer, 2}, {buffer + 8, 8}, {buffer + 16, 8}};
  socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
  for (int i = 0; i < 3; i++) many[i].msg_hdr.msg_iov = &pieces[i], many[i].msg_hdr.msg_iovlen = 1;
  tell("many", sendmmsg(pair[0], many, 3, 0)), tell("second", many[1].msg_len);
  for (int i = 0; i < 3; i++) many[i].msg_hdr.msg_iov = &rooms[i];
  tell("many", recvmmsg(pair[1], many, 3, MSG_WAITFORONE, NULL)), tell("second", many[1].msg_len), tell("flags", many[1].msg_hdr.msg_flags);
  return 0;
}
