// inotify(7): what is told of a directory and of files in it, of moves and ends, once and never; errnos.
#include "check.h"
#include <sys/inotify.h>
#include <sys/xattr.h>

static int fd;
static char many[4096];
static void show(const char *what) {
  static char buffer[4096] __attribute__((aligned(8)));
  long length = read(fd, buffer, sizeof buffer);
  printf("%s:", what);
  uint32_t cookie = 0;
  for (long at = 0; at < length;) {
    struct inotify_event *event = (void *)(buffer + at);
    printf(" [%d %x%s %s %u]", event->wd, event->mask, event->cookie ? (event->cookie == cookie ? " same" : " moved") : "", event->len ? event->name : "-", event->len);
    cookie = event->cookie;
    at += sizeof *event + event->len;
  }
  printf("%s\n", length == -1 ? strerrorname_np(errno) : "");
  fflush(stdout);
}
int main(void) {
  char buffer[20];
  fd = works("init", inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  tell("flags", inotify_init1(1));
  mkdir("watched", 0755), mkdir("elsewhere", 0755);
  show("nothing");
  int directory = inotify_add_watch(fd, "watched", IN_ALL_EVENTS);
  tell("watch", directory), tell("the same", inotify_add_watch(fd, "watched", IN_ALL_EVENTS)), tell("there already", inotify_add_watch(fd, "watched", IN_CREATE | IN_MASK_CREATE));
  tell("nothing asked for", inotify_add_watch(fd, "watched", 0)), tell("not there", inotify_add_watch(fd, "gone", IN_OPEN)), tell("no inotify", inotify_add_watch(0, "watched", IN_OPEN));
  int file = open("watched/file", O_RDWR | O_CREAT, 0600);
  show("made");
  write(file, "text", 4), lseek(file, 0, SEEK_SET), read(file, buffer, 4);
  show("written and read");
  write(file, "text", 4), write(file, "text", 4);
  show("twice is once");
  fchmod(file, 0644), ftruncate(file, 2);
  show("changed");
  struct timespec times[2] = {{1, 2}, {3, 4}}, accessed[2] = {{5, 6}, {0, UTIME_OMIT}}, modified[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}}, neither[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
  futimens(file, times), show("both times"), futimens(file, accessed), show("accessed"), utimensat(AT_FDCWD, "watched/file", modified, 0), show("modified"), futimens(file, neither), show("neither"), utimensat(AT_FDCWD, "watched/file", 0, 0), show("the present");
  fsetxattr(file, "user.one", "value", 5, 0), show("an attribute"), fremovexattr(file, "user.one"), show("removed"), fremovexattr(file, "user.one"), show("not there");
  close(file);
  show("closed");
  tell("too short", (open("watched/file", O_RDONLY), read(fd, buffer, 10)));
  show("opened");
  int own = inotify_add_watch(fd, "watched/file", IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_CLOSE);
  tell("a file", own), tell("only directories", inotify_add_watch(fd, "watched/file", IN_OPEN | IN_ONLYDIR));
  rename("watched/file", "watched/other");
  show("renamed");
  rename("watched/other", "elsewhere/other"), rename("elsewhere/other", "watched/back");
  show("out and in");
  mkdir("watched/inside", 0700), symlink("x", "watched/link"), link("watched/back", "watched/second");
  show("more names");
  unlink("watched/second"), rmdir("watched/inside"), unlink("watched/link");
  show("fewer names");
  close(4), close(5), unlink("watched/back");
  show("ended");
  tell("its watch is gone", inotify_rm_watch(fd, own)), tell("remove", inotify_rm_watch(fd, directory));
  show("ignored");
  close(open("watched/unseen", O_CREAT | O_WRONLY, 0600));
  show("not watched");
  inotify_add_watch(fd, "watched", IN_ALL_EVENTS), close(open("watched/new", O_CREAT | O_TRUNC | O_WRONLY, 0600)), show("made, not cut off"), close(open("watched/new", O_CREAT | O_TRUNC | O_WRONLY, 0600)), show("cut off");
  inotify_add_watch(fd, "watched", IN_CREATE | IN_ONESHOT);
  close(open("watched/one", O_CREAT | O_WRONLY, 0600)), close(open("watched/two", O_CREAT | O_WRONLY, 0600));
  show("once");
  inotify_add_watch(fd, "watched", IN_ALL_EVENTS), mkdir("watched/below", 0755), show("a directory");
  int list = open("watched", O_RDONLY), room = open("watched/room", O_CREAT | O_WRONLY, 0600);
  show("both opened"), syscall(SYS_getdents64, list, buffer, 0), syscall(SYS_getdents64, list, many, sizeof many), show("listed"), syscall(SYS_getdents64, list, many, sizeof many), show("to the end"), fallocate(room, 0, 0, 100), show("room"), close(list), close(room), unlink("watched/room"), rmdir("watched/below"), show("gone");
  inotify_add_watch(fd, "watched", IN_CREATE);
  inotify_add_watch(fd, "elsewhere", IN_DELETE_SELF);
  rmdir("elsewhere");
  show("the directory itself");
  struct pollfd ready = {fd, POLLIN};
  tell("ready", poll(&ready, 1, 0));
  return 0;
}
