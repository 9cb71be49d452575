// fanotify(7) for listeners that may do everything: groups and their errnos, events with descriptors, of files, directories, mounts and file systems, what is ignored, merged, and told once more.
#include "check.h"
#include <linux/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>

static int group;
static int init(unsigned flags, unsigned file) { return syscall(SYS_fanotify_init, flags, file); }
static long mark(int fd, unsigned flags, unsigned long mask, int dirfd, const char *path) { return syscall(SYS_fanotify_mark, fd, flags, mask, dirfd, path); }
static int is_own(int pid) { return pid == getpid() ? 1 : pid == 0 ? 0 : 2; }
static void show(const char *what) {
  static char buffer[4096] __attribute__((aligned(8)));
  long length = read(group, buffer, sizeof buffer);
  printf("%s:%s", what, length == -1 ? strerrorname_np(errno) : "");
  for (struct fanotify_event_metadata *event = (void *)buffer; FAN_EVENT_OK(event, length); event = FAN_EVENT_NEXT(event, length)) {
    char link[40], path[300] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", event->fd);
    if (event->fd >= 0) readlink(link, path, 299);
    printf(" [%llx %s %d%s", event->mask, event->fd >= 0 ? strrchr(path, '/') + 1 : "-", is_own(event->pid), event->vers == 3 && event->metadata_len == 24 ? "" : " version");
    for (char *at = (char *)event + event->metadata_len; at < (char *)event + event->event_len; at += *(uint16_t *)(at + 2)) {
      struct fanotify_event_info_pidfd *record = (void *)at;
      printf(" record %d %d %s", record->hdr.info_type, record->hdr.len, record->pidfd >= 0 ? fcntl(record->pidfd, F_GETFD) == FD_CLOEXEC ? "process" : "inherited" : "none"), close(record->pidfd);
    }
    printf("]");
    if (event->fd >= 0) close(event->fd);
  }
  printf("\n"), fflush(stdout);
}
static void touch(const char *path, const char *text) {
  int fd = open(path, O_CREAT | O_WRONLY, 0644);
  write(fd, text, strlen(text)), close(fd);
}
static void look(const char *path) {
  char buffer[100];
  int fd = open(path, O_RDONLY);
  read(fd, buffer, sizeof buffer), close(fd);
}
static void list(const char *path) {
  char buffer[1000];
  int fd = open(path, O_RDONLY | O_DIRECTORY);
  while (syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0) {}
  close(fd);
}
static void arguments(void) {
  tell("flags", init(1u << 30, 0)), tell("two classes", init(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, 0)), tell("mode", init(0, 3)), tell("file flags", init(0, O_CREAT)), tell("name alone", init(FAN_REPORT_NAME, 0)), tell("target alone", init(FAN_REPORT_TARGET_FID | FAN_REPORT_FID, 0)), tell("handles and content", init(FAN_CLASS_CONTENT | FAN_REPORT_FID, 0)), tell("process and thread", init(FAN_REPORT_PIDFD | FAN_REPORT_TID, 0));
  int handles = works("handles", init(FAN_REPORT_DFID_NAME | FAN_REPORT_FID, 0)), inotify = inotify_init();
  group = works("group", init(FAN_NONBLOCK | FAN_CLOEXEC, O_RDONLY));
  char link[40], path[100] = "";
  int count = -1;
  snprintf(link, sizeof link, "/proc/self/fd/%d", group), readlink(link, path, 99), printf("%s %x %d\n", path, fcntl(group, F_GETFL) & (O_ACCMODE | O_NONBLOCK), fcntl(group, F_GETFD));
  mkdir("d", 0755), mkdir("d/sub", 0755), touch("d/file", "text"), touch("d/other", "text"), touch("d/sub/deep", "text"), symlink("file", "d/link");
  show("nothing"), tell("write", write(group, "12345678", 8)), tell("how much", ioctl(group, FIONREAD, &count)), printf("%d\n", count);
  tell("high", mark(group, FAN_MARK_ADD, 1ul << 32, AT_FDCWD, "d")), tell("unknown", mark(group, FAN_MARK_ADD, 0x80000, AT_FDCWD, "d")), tell("flags", mark(group, 0x10000000 | FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d")), tell("no command", mark(group, 0, FAN_OPEN, AT_FDCWD, "d")), tell("two commands", mark(group, FAN_MARK_ADD | FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "d")), tell("nothing", mark(group, FAN_MARK_ADD, 0, AT_FDCWD, "d")), tell("flush what", mark(group, FAN_MARK_FLUSH | FAN_MARK_ONLYDIR, 0, AT_FDCWD, "d")), tell("both types", mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD, "d")), tell("both kinds", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_MASK, FAN_OPEN, AT_FDCWD, "d"));
  tell("no descriptor", mark(99, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d")), tell("no group", mark(inotify, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d")), tell("names", mark(group, FAN_MARK_ADD, FAN_CREATE, AT_FDCWD, "d")), tell("attributes", mark(group, FAN_MARK_ADD, FAN_ATTRIB, AT_FDCWD, "d")), tell("renames", mark(group, FAN_MARK_ADD, FAN_RENAME, AT_FDCWD, "d")), tell("errors", mark(group, FAN_MARK_ADD, FAN_FS_ERROR, AT_FDCWD, "d")), tell("permissions", mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, AT_FDCWD, "d")), tell("evictable mount", mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT | FAN_MARK_EVICTABLE, FAN_OPEN, AT_FDCWD, "d"));
  tell("not there", mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "none")), tell("no directory", mark(group, FAN_MARK_ADD | FAN_MARK_ONLYDIR, FAN_OPEN, AT_FDCWD, "d/file")), tell("no place", mark(group, FAN_MARK_ADD, FAN_OPEN, 99, NULL)), tell("no place", mark(group, FAN_MARK_ADD, FAN_OPEN, 99, "d")), tell("nowhere", mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, (char *)8));
  tell("not marked", mark(group, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "d")), tell("nothing to flush", mark(group, FAN_MARK_FLUSH, 0, AT_FDCWD, "none")), tell("ignored directory", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, AT_FDCWD, "d")), tell("ignored mount", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "d")), tell("ignored file's children", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD, "d/file"));
  tell("handles of no such system", mark(handles, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD, "/proc")), tell("handles of a mount", mark(handles, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CREATE, AT_FDCWD, "/proc"));
  int pipes[2];
  pipe(pipes), tell("a pipe's mount", mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, pipes[0], NULL)), close(pipes[0]), close(pipes[1]), close(handles), close(inotify);
  if (fork() == 0) {
    setresuid(7, 7, 7), tell("unprivileged", init(0, 0)), tell("content", init(FAN_CLASS_CONTENT, 0)), tell("unlimited", init(FAN_UNLIMITED_QUEUE | FAN_REPORT_FID, 0));
    int own = works("handles", init(FAN_REPORT_FID, 0));
    tell("mount", mark(own, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_OPEN, AT_FDCWD, "/")), tell("another's group", mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN, AT_FDCWD, "/")), exit(0);
  }
  wait(NULL);
}
static void files(void) {
  tell("file", mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE | FAN_ACCESS | FAN_MODIFY, AT_FDCWD, "d/link"));
  look("d/file"), show("read"), touch("d/file", "new"), show("written"), look("d/other"), show("another");
  look("d/file"), touch("d/file", "x"), look("d/file"), show("merged");
  int fd = open("d/file", O_RDWR), path = open("d/file", O_PATH);
  close(path), show("opened"), ftruncate(fd, 1), show("cut by descriptor"), truncate("d/file", 2), show("cut"), fchmod(fd, 0600), show("attributes"), posix_fallocate(fd, 0, 10), show("room"), lseek(fd, 0, SEEK_END), read(fd, &path, 4), show("nothing read"), write(fd, "", 0), show("nothing written"), close(open("d/file", O_WRONLY | O_TRUNC)), show("cut at opening");
  rename("d/file", "d/moved"), show("moved"), rename("d/moved", "d/file"), write(fd, "y", 1), show("written after"), link("d/file", "d/second"), look("d/second"), show("by another name"), unlink("d/second"), close(fd), show("closed");
  if (fork() == 0) look("d/file"), _exit(0);
  wait(NULL), show("by another"), fd = open("d/file", O_RDONLY);
  if (fork() == 0) _exit(0);
  wait(NULL), show("shared"), close(fd), show("last");
  if (fork() == 0) open("d/file", O_RDONLY), _exit(0);
  wait(NULL), show("closed by ending"), tell("less", mark(group, FAN_MARK_REMOVE, FAN_OPEN | FAN_CLOSE, AT_FDCWD, "d/file")), look("d/file"), show("less"), tell("the rest", mark(group, FAN_MARK_REMOVE, FAN_ACCESS | FAN_MODIFY, AT_FDCWD, "d/file")), tell("gone", mark(group, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "d/file")), look("d/file"), show("nothing");
  char small[10];
  mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d/file"), look("d/file"), tell("too small", read(group, small, 10)), unlink("d/file"), show("unlinked"), touch("d/file", "text"), show("another file"), tell("no mark", mark(group, FAN_MARK_REMOVE, FAN_OPEN, AT_FDCWD, "d/file"));
}
static void directories(void) {
  tell("directory", mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_CLOSE | FAN_ACCESS, AT_FDCWD, "d")), list("d"), show("not asked for"), look("d/file"), show("nor children");
  tell("itself", mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_ONDIR, AT_FDCWD, "d")), list("d"), show("itself"), list("d/sub"), show("not below");
  tell("children", mark(group, FAN_MARK_ADD, FAN_EVENT_ON_CHILD, AT_FDCWD, "d")), look("d/file"), show("a child"), list("d/sub"), show("a directory"), look("d/sub/deep"), show("deeper"), look("d/link"), show("by a link");
  tell("not directories", mark(group, FAN_MARK_REMOVE, FAN_ONDIR, AT_FDCWD, "d")), list("d/sub"), show("no directories"), look("d/file"), show("but files");
  tell("ignored", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN | FAN_CLOSE, AT_FDCWD, "d/file")), look("d/file"), show("ignored"), touch("d/file", "a"), show("until it changes"), look("d/file"), show("not any more");
  tell("survives", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN | FAN_CLOSE, AT_FDCWD, "d/file")), touch("d/file", "b"), look("d/file"), show("still"), tell("new kind", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORE, FAN_OPEN, AT_FDCWD, "d/file")), tell("not ignored", mark(group, FAN_MARK_REMOVE | FAN_MARK_IGNORED_MASK, FAN_OPEN | FAN_CLOSE, AT_FDCWD, "d/file")), look("d/file"), show("not ignored");
  int fd = open("d/file", O_WRONLY);
  tell("while written", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, AT_FDCWD, "d/file")), close(fd), look("d/file"), show("did not count");
  tell("of the new kind", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORE | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN | FAN_EVENT_ON_CHILD, AT_FDCWD, "d")), look("d/file"), show("no opening"), list("d/sub"), show("no directory"), tell("old kind", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK, FAN_OPEN, AT_FDCWD, "d")), tell("evictable", mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_OPEN, AT_FDCWD, "d"));
  tell("flush", mark(group, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL)), look("d/file"), show("flushed"), tell("evictable", mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_OPEN, AT_FDCWD, "d/file")), tell("not any more", mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d/file")), tell("evictable", mark(group, FAN_MARK_ADD | FAN_MARK_EVICTABLE, FAN_OPEN, AT_FDCWD, "d/file")), mark(group, FAN_MARK_FLUSH, 0, AT_FDCWD, NULL);
}
static void wholes(void) {
  tell("file system", mark(group, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_MODIFY, AT_FDCWD, "/dev/shm")), touch("/dev/shm/chronix-fanotify", "text"), show("file system"), look("/dev/shm/chronix-fanotify"), show("not read"), tell("mount", mark(group, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CLOSE_NOWRITE, AT_FDCWD, "/dev/shm")), look("/dev/shm/chronix-fanotify"), touch("/dev/shm/chronix-fanotify", "b"), show("both"), tell("no mount", mark(group, FAN_MARK_FLUSH | FAN_MARK_MOUNT, 0, AT_FDCWD, NULL)), look("/dev/shm/chronix-fanotify"), show("not read"), tell("not this one", mark(group, FAN_MARK_REMOVE | FAN_MARK_FILESYSTEM, FAN_MODIFY, AT_FDCWD, "/proc")), tell("no file system", mark(group, FAN_MARK_FLUSH | FAN_MARK_FILESYSTEM, 0, AT_FDCWD, NULL)), unlink("/dev/shm/chronix-fanotify");
}
static void descriptors(void) {
  close(group), group = init(FAN_NONBLOCK | FAN_REPORT_PIDFD, O_RDWR | O_CLOEXEC | O_APPEND), mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_MODIFY, AT_FDCWD, "d/file"), look("d/file"), show("with a process");
  if (fork() == 0) look("d/file"), _exit(0);
  wait(NULL), show("of one that is gone");
  struct fanotify_event_metadata events[4];
  close(group), group = init(FAN_NONBLOCK, O_RDWR | O_CLOEXEC | O_APPEND), mark(group, FAN_MARK_ADD, FAN_OPEN | FAN_MODIFY, AT_FDCWD, "d/file"), look("d/file"), tell("read", read(group, events, sizeof events));
  printf("%x %d\n", fcntl(events[0].fd, F_GETFL), fcntl(events[0].fd, F_GETFD)), tell("written", write(events[0].fd, "quiet", 5)), close(events[0].fd), show("tells nothing");
  struct pollfd asked = {group, POLLIN};
  tell("poll", poll(&asked, 1, 0)), look("d/file"), tell("poll", poll(&asked, 1, 0));
  struct rlimit limit = {events[0].fd, 1000};
  setrlimit(RLIMIT_NOFILE, &limit), tell("no descriptor", read(group, events, sizeof events)), limit.rlim_cur = 100, setrlimit(RLIMIT_NOFILE, &limit), show("lost"), close(group);
  group = init(0, O_RDONLY), mark(group, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "d/file");
  if (fork() == 0) pass_time(20), look("d/file"), _exit(0);
  show("waited for"), wait(NULL), close(group), group = init(FAN_NONBLOCK, O_RDONLY);
  mark(group, FAN_MARK_ADD, FAN_OPEN_EXEC, AT_FDCWD, "/proc/self/exe"), mark(group, FAN_MARK_ADD, FAN_OPEN_EXEC | FAN_OPEN, AT_FDCWD, "d/script");
  int script = open("d/script", O_CREAT | O_WRONLY, 0755);
  write(script, "#!/proc/self/exe\n", 17), close(script), mark(group, FAN_MARK_ADD, FAN_OPEN_EXEC | FAN_OPEN | FAN_ACCESS, AT_FDCWD, "d/script"), look("d/script"), show("only read");
  if (fork() == 0) execl("d/script", "x", NULL), _exit(1);
  wait(NULL);
  struct fanotify_event_metadata list[4];
  long length = read(group, list, sizeof list);
  printf("executed: %ld, %llx %d, %llx %d\n", length, list[0].mask, is_own(list[0].pid), list[1].mask, is_own(list[1].pid));
}
int main(int count, char **arguments_) {
  if (count > 1) return 0;
  int fd = init(0, O_RDONLY);
  if (fd == -1) return not_compared("fanotify");
  close(fd);
  arguments(), files(), directories(), wholes(), descriptors();
  return 0;
}
