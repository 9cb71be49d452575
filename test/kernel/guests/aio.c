// Linux's asynchronous requests: contexts, what is refused, what each request does and how it is told, by a ring, by io_getevents, by an eventfd; and the flags of preadv2.
#include "check.h"
#include <linux/aio_abi.h>
#include <sys/eventfd.h>
#include <sys/uio.h>

static long setup(unsigned count, aio_context_t *context) { return syscall(SYS_io_setup, count, context); }
static long destroy(aio_context_t context) { return syscall(SYS_io_destroy, context); }
static long submit(aio_context_t context, long count, struct iocb **requests) { return syscall(SYS_io_submit, context, count, requests); }
static long events(aio_context_t context, long least, long most, struct io_event *into, struct timespec *timeout) { return syscall(SYS_io_getevents, context, least, most, into, timeout); }
static struct timespec at_once;
static aio_context_t context;
static struct iocb request(int operation, int fd, void *buffer, long length, long offset) {
  struct iocb made = {.aio_lio_opcode = operation, .aio_fildes = fd, .aio_buf = (long)buffer, .aio_nbytes = length, .aio_offset = offset, .aio_data = 77, .aio_key = 99};
  return made;
}
// Submits one and shows how it ended.
static void one(const char *what, struct iocb made) {
  struct iocb *list[] = {&made};
  struct io_event event = {0};
  long answer = submit(context, 1, list);
  tell(what, answer);
  if (answer == 1) {
    tell("  events", events(context, 1, 1, &event, NULL));
    printf("  %lld %lld %lld %s key %u\n", event.data, event.res, event.res2, event.obj == (long)&made ? "its own" : "another's", made.aio_key);
  }
}
static int slow[2];
static void *late(void *unused) { return pass_time(20), write(slow[1], "late", 4), NULL; }
static void *submits(void *unused) {
  struct iocb made = request(IOCB_CMD_PREAD, slow[0], unused, 4, 0), *list[] = {&made};
  return (void *)submit(context, 1, list);
}
static void interrupt(int signal) {}
int main(void) {
  aio_context_t none = 0, other = 5;
  char buffer[100] = "", *away = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  munmap(away + 4096, 4096);
  tell("no room", setup(0, &none)), tell("not empty", setup(1, &other)), tell("nowhere", setup(1, (void *)8)), tell("too many", setup(70000, &none)), tell("far too many", setup(0x10000000, &none));
  tell("setup", setup(4, &context)), check(context != 0 && context % 4096 == 0, "an address");
  unsigned *ring = (void *)context;
  printf("head %u tail %u magic %x %u %u %u\n", ring[2], ring[3], ring[4], ring[5], ring[6], ring[7]);
  tell("none", destroy(12345)), tell("no context", submit(12345, 0, NULL)), tell("less than none", submit(context, -1, NULL)), tell("nothing", submit(context, 0, NULL)), tell("no list", submit(context, 1, (void *)8));
  struct iocb *wild[] = {(void *)8};
  tell("no request", submit(context, 1, wild));
  int file = open("asynchronous", O_RDWR | O_CREAT | O_TRUNC, 0600), reader = open("asynchronous", O_RDONLY), writer = open("asynchronous", O_WRONLY), folder = open(".", O_RDONLY);
  one("write", request(IOCB_CMD_PWRITE, file, "0123456789", 10, 0)), one("read", request(IOCB_CMD_PREAD, file, buffer, 5, 3)), puts(buffer), one("at the end", request(IOCB_CMD_PREAD, file, buffer, 5, 100));
  struct iovec vector[] = {{buffer, 2}, {buffer + 10, 3}}, out[] = {{"ab", 2}, {"cde", 3}};
  one("gather", request(IOCB_CMD_PWRITEV, file, out, 2, 4)), one("scatter", request(IOCB_CMD_PREADV, file, vector, 2, 3)), printf("%.2s %.3s\n", buffer, buffer + 10);
  one("sync", request(IOCB_CMD_FSYNC, file, NULL, 0, 0)), one("sync data", request(IOCB_CMD_FDSYNC, file, NULL, 0, 0)), one("sync with a length", request(IOCB_CMD_FSYNC, file, NULL, 1, 0)), one("no operation", request(IOCB_CMD_NOOP, file, NULL, 0, 0)), one("unknown", request(50, file, NULL, 0, 0));
  one("no file", request(IOCB_CMD_PREAD, 99, buffer, 5, 0)), one("not to read", request(IOCB_CMD_PREAD, writer, buffer, 5, 0)), one("not to write", request(IOCB_CMD_PWRITE, reader, buffer, 5, 0)), one("a directory", request(IOCB_CMD_PREAD, folder, buffer, 5, 0));
  one("no buffer", request(IOCB_CMD_PREAD, file, (void *)8, 5, 0)), one("none to write", request(IOCB_CMD_PWRITE, file, away + 4096, 5, 0)), one("no vector", request(IOCB_CMD_PREADV, file, (void *)8, 2, 0)), one("before the beginning", request(IOCB_CMD_PREAD, file, buffer, 5, -1)), one("nothing", request(IOCB_CMD_PREAD, file, buffer, 0, 0));
  struct iocb made = request(IOCB_CMD_PREAD, file, buffer, 5, 0);
  made.aio_reserved2 = 1, one("reserved", made), made.aio_reserved2 = 0, made.aio_rw_flags = 0x40000000, one("flags", made), made.aio_rw_flags = RWF_NOWAIT, one("without waiting", made);
  int counter = eventfd(0, EFD_NONBLOCK);
  unsigned long count = 0;
  made.aio_rw_flags = 0, made.aio_flags = IOCB_FLAG_RESFD, made.aio_resfd = counter, one("counted", made), read(counter, &count, 8), printf("%ld\n", count);
  made.aio_resfd = file, one("no counter", made), made.aio_resfd = 99, one("no such file", made), made.aio_flags = 0;

  struct iocb first = request(IOCB_CMD_PWRITE, file, "x", 1, 0), second = request(IOCB_CMD_PREAD, 99, buffer, 1, 0), third = first, *three[] = {&first, &second, &third};
  struct io_event got[8];
  tell("up to the wrong one", submit(context, 3, three)), tell("one", events(context, 0, 8, got, &at_once)), tell("none left", events(context, 0, 8, got, &at_once));
  second = first, first.aio_data = 1, second.aio_data = 2, third.aio_data = 3;
  tell("three", submit(context, 3, three)), printf("%d\n", (int)(ring[3] - ring[2] + ring[1]) % (int)ring[1]), tell("two of them", events(context, 2, 2, got, NULL)), printf("%lld %lld\n", got[0].data, got[1].data);
  struct io_event *slot = (struct io_event *)(ring + 8) + ring[2];
  printf("in the ring: %lld %lld\n", slot->data, slot->res), ring[2] = (ring[2] + 1) % ring[1], tell("taken from the ring", events(context, 0, 8, got, &at_once));
  tell("more than most", events(context, 5, 3, got, &at_once)), tell("less than none", events(context, -1, 3, got, &at_once)), tell("none", events(12345, 0, 1, got, &at_once)), tell("no time", events(context, 0, 1, got, (void *)8));
  struct timespec soon = {0, 10000000}, start;
  clock_gettime(CLOCK_MONOTONIC, &start), tell("in vain", events(context, 1, 1, got, &soon)), check(millis_since(&start) >= 10, "waited");
  tell("submit", submit(context, 1, three)), tell("fewer than wanted", events(context, 2, 4, got, &soon)), tell("submit", submit(context, 1, three)), tell("nowhere", events(context, 1, 1, (void *)8, NULL)), tell("still there", events(context, 1, 1, got, NULL));
  tell("cancel", syscall(SYS_io_cancel, context, &first, got)), tell("cancel nothing", syscall(SYS_io_cancel, context, (void *)8, got));
  sigset_t set;
  struct { sigset_t *set; size_t size; } mask = {&set, 8};
  sigemptyset(&set), tell("submit", submit(context, 1, three)), tell("with a mask", syscall(SYS_io_pgetevents, context, 1, 1, got, NULL, &mask)), mask.size = 4, tell("of another size", syscall(SYS_io_pgetevents, context, 0, 1, got, &at_once, &mask));
  mask.size = 8, signal(SIGALRM, interrupt), sigaddset(&set, SIGALRM), sigprocmask(SIG_BLOCK, &set, NULL), alarm(1), sigemptyset(&set), tell("interrupted", syscall(SYS_io_pgetevents, context, 1, 1, got, NULL, &mask));
  sigaddset(&set, SIGALRM), sigprocmask(SIG_UNBLOCK, &set, NULL), alarm(1), tell("interrupted", events(context, 1, 1, got, NULL));

  pthread_t thread;
  void *result;
  pipe(slow), pthread_create(&thread, NULL, late, NULL), memset(buffer, 0, 100), one("from a pipe", request(IOCB_CMD_PREAD, slow[0], buffer, 10, 0)), puts(buffer), pthread_join(thread, NULL);
  pthread_create(&thread, NULL, submits, buffer), pass_time(10), write(slow[1], "soon", 4), tell("another's", events(context, 1, 1, got, NULL)), printf("%lld %s\n", got[0].res, buffer), pthread_join(thread, &result), tell("submitted", (long)result);
  if (fork() == 0) tell("not the child's", submit(context, 0, NULL)), exit(0);
  wait(NULL);
  fcntl(slow[0], F_SETFL, O_NONBLOCK), one("nothing there", request(IOCB_CMD_PREAD, slow[0], buffer, 10, 0));
  tell("destroy", destroy(context)), tell("again", destroy(context)), tell("gone", submit(context, 0, NULL));

  struct iovec part = {buffer, 4}, word = {"ab", 2}, empty = {buffer, 0};
  tell("flags", preadv2(file, &part, 1, 0, 0x1000)), tell("no bytes", preadv2(file, &empty, 1, 0, 0x1000)), tell("plain", preadv2(file, &part, 1, 0, RWF_HIPRI)), tell("at once", preadv2(file, &part, 1, 0, RWF_NOWAIT)), tell("empty pipe", (fcntl(slow[0], F_SETFL, 0), preadv2(slow[0], &part, 1, -1, RWF_NOWAIT)));
  tell("durable", pwritev2(file, &word, 1, 0, RWF_SYNC | RWF_DSYNC)), tell("append", pwritev2(file, &word, 1, 0, RWF_APPEND)), tell("size", lseek(file, 0, SEEK_END));
  lseek(file, 3, SEEK_SET), tell("append here", pwritev2(file, &word, 1, -1, RWF_APPEND)), tell("moved", lseek(file, 0, SEEK_CUR)), fcntl(file, F_SETFL, O_APPEND), tell("not append", pwritev2(file, &word, 1, 1, 0x20)), tell("size", lseek(file, 0, SEEK_END)), tell("both", pwritev2(file, &word, 1, 1, 0x30)), tell("all or nothing", pwritev2(file, &word, 1, 1, 0x40)), tell("a folder", preadv2(folder, &part, 1, 0, RWF_NOWAIT)), tell("flags kept", fcntl(file, F_GETFL) & O_APPEND);
  return unlink("asynchronous");
}
