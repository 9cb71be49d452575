// fanotify(7), permission events: who opens, reads, lists or executes waits for an answer; denials, two groups, ends of who asks and of who is asked, and what is no answer.
#include "check.h"
#include <linux/fanotify.h>

static int init(unsigned flags) { return syscall(SYS_fanotify_init, flags | FAN_CLOEXEC, O_RDONLY); }
static long mark(int fd, unsigned flags, unsigned long mask, const char *path) { return syscall(SYS_fanotify_mark, fd, flags, mask, AT_FDCWD, path); }
static long respond(int group, int fd, unsigned response) {
  struct fanotify_response answer = {fd, response};
  return write(group, &answer, sizeof answer);
}
static int pipes[2];
static char self[300];
// A listener of its own, which says what it is asked and answers by a pattern: a for allow, d for deny, and then ends.
static int listener(int group, const char *name, const char *answers) {
  int child = fork();
  if (child) return child;
  for (; *answers; answers++) {
    struct fanotify_event_metadata event;
    if (read(group, &event, sizeof event) != sizeof event) break;
    char link[40], path[300] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", event.fd), readlink(link, path, 299);
    printf("  %s is asked %llx about %s: %s\n", name, event.mask, strrchr(path, '/') + 1, *answers == 'a' ? "yes" : *answers == 'd' ? "no" : "nothing"), fflush(stdout);
    if (*answers != '-') respond(group, event.fd, *answers == 'a' ? FAN_ALLOW : FAN_DENY);
    close(event.fd);
  }
  _exit(0);
}
static void attempt(const char *what, const char *path, int flags) {
  int fd = open(path, flags, 0644);
  printf("%s: %s\n", what, fd == -1 ? strerrorname_np(errno) : "ok"), fflush(stdout), close(fd);
}
static void ended(void) {
  while (wait(NULL) > 0) {}
}
static void opening(void) {
  int group = init(FAN_CLASS_CONTENT);
  tell("mark", mark(group, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_EVENT_ON_CHILD, "d"));
  listener(group, "one", "adaada"), attempt("allowed", "d/file", O_RDONLY), attempt("denied", "d/file", O_RDONLY), attempt("written", "d/file", O_WRONLY | O_TRUNC), attempt("made", "d/made", O_CREAT | O_EXCL | O_WRONLY), attempt("made and denied", "d/other", O_CREAT | O_EXCL | O_WRONLY), tell("but there", access("d/other", F_OK)), attempt("there already", "d/other", O_CREAT | O_EXCL | O_WRONLY), attempt("not asked", "d/file", O_PATH), attempt("not there", "d/none", O_RDONLY), attempt("again", "d/made", O_CREAT | O_RDONLY), ended();
  tell("cleared", mark(group, FAN_MARK_FLUSH, 0, NULL)), attempt("nobody is asked", "d/file", O_RDONLY);
  tell("a directory", mark(group, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_ONDIR, "d")), listener(group, "one", "d"), attempt("a directory", "d", O_RDONLY), ended(), tell("ignored", mark(group, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN_PERM, "d")), attempt("ignored", "d", O_RDONLY), close(group);
}
static void reading(void) {
  char buffer[100];
  int group = init(FAN_CLASS_CONTENT);
  tell("mark", mark(group, FAN_MARK_ADD, FAN_ACCESS_PERM, "d/file")), tell("mark", mark(group, FAN_MARK_ADD, FAN_ACCESS_PERM | FAN_ONDIR, "d"));
  int fd = open("d/file", O_RDWR), directory = open("d", O_RDONLY), out = open("copy", O_CREAT | O_WRONLY, 0600);
  listener(group, "one", "adaddad"), tell("read", read(fd, buffer, 4)), tell("denied", read(fd, buffer, 4)), tell("where it was", lseek(fd, 0, SEEK_CUR)), tell("at a place", pread(fd, buffer, 2, 1)), tell("denied", pread(fd, buffer, 2, 1)), tell("not written", write(fd, "x", 1)), tell("list", syscall(SYS_getdents64, directory, buffer, 100)), check(syscall(SYS_getdents64, directory, buffer, 100) > 0, "list"), lseek(fd, 0, SEEK_SET), tell("copied", syscall(SYS_sendfile, out, fd, NULL, 3)), ended(), close(fd), close(directory), close(out), close(group);
}
static void executing(void) {
  int group = init(FAN_CLASS_PRE_CONTENT);
  for (int step = 0; step < 3; step++) {
    tell("mark", mark(group, FAN_MARK_ADD, step == 2 ? FAN_OPEN_PERM | FAN_ACCESS_PERM : FAN_OPEN_EXEC_PERM, "d/program"));
    int asked = listener(group, "one", step == 0 ? "a" : step == 1 ? "d" : "d"), child = fork();
    if (child == 0) execl("d/program", "x", "told", NULL), tell("execute", -1), _exit(0);
    ended(), mark(group, FAN_MARK_FLUSH, 0, NULL);
  }
  close(group);
}
static void several(void) {
  int first = init(FAN_CLASS_PRE_CONTENT), second = init(FAN_CLASS_CONTENT);
  mark(second, FAN_MARK_ADD, FAN_OPEN_PERM, "d/file"), mark(first, FAN_MARK_ADD, FAN_OPEN_PERM, "d/file");
  listener(first, "first", "aad"), listener(second, "second", "ad"), attempt("both", "d/file", O_RDONLY), attempt("one", "d/file", O_RDONLY), attempt("the other", "d/file", O_RDONLY), ended(), close(first), close(second);
}
static void ends(void) {
  int group = init(FAN_CLASS_CONTENT | FAN_NONBLOCK);
  struct fanotify_event_metadata event;
  mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, "d/file");
  tell("no answer", respond(group, 5, 9)), tell("nor that", respond(group, 5, 0)), tell("no descriptor", respond(group, -1, FAN_ALLOW)), tell("not asked", respond(group, 5, FAN_ALLOW)), tell("short", write(group, "1234", 4)), tell("audit", respond(group, 5, FAN_ALLOW | FAN_AUDIT));
  int child = fork();
  if (child == 0) attempt("never", "d/file", O_RDONLY), _exit(0);
  struct pollfd asked = {group, POLLIN};
  tell("poll", poll(&asked, 1, -1)), kill(child, SIGKILL), wait(NULL), tell("withdrawn", read(group, &event, sizeof event));
  if ((child = fork()) == 0) attempt("never", "d/file", O_RDONLY), _exit(0);
  poll(&asked, 1, -1), tell("asked", read(group, &event, sizeof event)), kill(child, SIGKILL), wait(NULL), tell("nobody waits", respond(group, event.fd, FAN_ALLOW)), tell("twice", respond(group, event.fd, FAN_ALLOW)), close(event.fd);
  if ((child = fork()) == 0) close(group), attempt("the group ends", "d/file", O_RDONLY), _exit(0);
  poll(&asked, 1, -1), close(group), wait(NULL), group = init(FAN_CLASS_CONTENT), mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, "d/file");
  if ((child = fork()) == 0) close(group), attempt("asked, and the group ends", "d/file", O_RDONLY), _exit(0);
  read(group, &event, sizeof event), close(group), wait(NULL), close(event.fd);
  group = init(FAN_CLASS_CONTENT), mark(group, FAN_MARK_ADD, FAN_OPEN_PERM, "d/file");
  if ((child = fork()) == 0) close(group), attempt("no descriptor for it", "d/file", O_RDONLY), _exit(0);
  asked.fd = group, poll(&asked, 1, -1);
  struct rlimit limit = {3, 1000}, before;
  getrlimit(RLIMIT_NOFILE, &before), limit.rlim_max = before.rlim_max, setrlimit(RLIMIT_NOFILE, &limit), read(group, &event, sizeof event) == -1 && errno == EMFILE ? wait(NULL), check(1, "denied for want of one") : check(0, "no want"), setrlimit(RLIMIT_NOFILE, &before), close(group);
  group = init(FAN_CLASS_CONTENT), mark(group, FAN_MARK_ADD, FAN_OPEN_PERM | FAN_CLOSE, "d/file"), listener(group, "one", "a-"), attempt("and told", "d/file", O_RDONLY), ended(), close(group);
}
int main(int count, char **arguments) {
  if (count > 1) return printf("a program was executed\n"), 0;
  mkdir("d", 0755);
  int fd = init(FAN_CLASS_CONTENT);
  if (fd == -1 || mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, "d") == -1) return not_compared("fanotify with permission events");
  close(fd);
  int file = open("d/file", O_CREAT | O_WRONLY, 0644), out = open("d/program", O_CREAT | O_WRONLY, 0755), in = open("/proc/self/exe", O_RDONLY);
  write(file, "some text", 9), close(file);
  static char buffer[65536];
  for (long length; (length = read(in, buffer, sizeof buffer)) > 0;) write(out, buffer, length);
  close(in), close(out), setvbuf(stdout, NULL, _IONBF, 0);
  alarm(30), opening(), reading(), executing(), several(), ends();
  return 0;
}
