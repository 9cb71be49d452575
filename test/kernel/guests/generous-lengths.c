// Who asks for more than there is room for is served as long as there is no more than fits: a page, and after it nothing, and lengths that lead far past it.
#include "check.h"
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/xattr.h>

static char *end;
enum { MUCH = 1 << 20 };
// Room for so many bytes; what came there is shown with what the call answered.
static void show(const char *what, long value, int room) {
  tell(what, value);
  if (value > 0 && value <= room) printf("  %.*s\n", (int)value, end - room);
  memset(end - 4096, '-', 4096);
}
int main(void) {
  char *page = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int through[2], streams[2], datagrams[2];
  end = page + 4096, munmap(end, 8192);
  pipe(through), socketpair(AF_UNIX, SOCK_STREAM, 0, streams), socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams);
  write(through[1], "twelve bytes", 12), show("a pipe", read(through[0], end - 20, MUCH), 20);
  write(through[1], "twelve bytes", 12), show("to the end", read(through[0], end - 12, MUCH), 12);
  write(through[1], "twelve bytes", 12), show("too little room", read(through[0], end - 11, MUCH), 11), show("still there", read(through[0], end - 20, MUCH), 20);
  if (fork() == 0) pass_time(50), write(through[1], "late", 4), _exit(0);
  show("waited for", read(through[0], end - 20, MUCH), 20), wait(NULL);
  send(streams[1], "stream", 6, 0), show("a stream", recv(streams[0], end - 20, MUCH, 0), 20);
  send(datagrams[1], "datagram", 8, 0), show("a datagram", recvfrom(datagrams[0], end - 20, MUCH, 0, NULL, NULL), 20);
  send(datagrams[1], "datagram", 8, 0), show("a datagram, too little room", recv(datagrams[0], end - 4, MUCH, 0), 4);
  char control[100];
  struct iovec parts[2] = {{end - 20, 3}, {end - 10, MUCH}}, whole = {end - 20, MUCH};
  struct msghdr message = {NULL, 0, &whole, 1, control, sizeof control, 0};
  send(streams[1], "message", 7, 0), show("a message", recvmsg(streams[0], &message, 0), 20);
  write(through[1], "scattered", 9), tell("scattered", readv(through[0], parts, 2)), printf("  %.3s %.6s\n", end - 20, end - 10);
  parts[0].iov_base = end + 1, write(through[1], "first", 5), tell("not into the first", readv(through[0], parts, 2)), parts[0].iov_base = end - 20, parts[1].iov_base = end, write(through[1], "12", 2), tell("none comes to the second", readv(through[0], parts, 1));
  int file = open("file", O_RDWR | O_CREAT, 0600);
  pwrite(file, "of a file", 9, 0), show("a file", pread(file, end - 20, MUCH, 0), 20), read(through[0], control, 3);
  symlink("target", "symbolic"), show("a link", readlink("symbolic", end - 20, MUCH), 20);
  setxattr("file", "user.name", "value", 5, 0), show("an attribute", getxattr("file", "user.name", end - 20, 60000), 20);
  chdir("/proc"), show("where one is", syscall(SYS_getcwd, end - 20, MUCH), 20);
  int events = epoll_create1(0), watching = inotify_init1(IN_NONBLOCK);
  struct epoll_event wanted = {EPOLLOUT, {0}};
  epoll_ctl(events, EPOLL_CTL_ADD, streams[0], &wanted), tell("events", epoll_wait(events, (void *)(end - 20), 1000, 0));
  tell("affinity", syscall(SYS_sched_getaffinity, 0, 4096, end - 256) > 0), tell("nothing fits", read(through[0], end, 0)), write(through[1], "x", 1), tell("no room", read(through[0], end, 10));
  return 0;
}
