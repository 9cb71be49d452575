// /proc/PID/cmdline and environ are memory: programs that write over their arguments, titles that go on into the environment, pages that are not there, the dead, other programs, other users.
#include "check.h"
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

static void print(const char *what, const char *bytes, long length) {
  if (length < 0) { printf("%s: %s\n", what, strerrorname_np(errno)); fflush(stdout); return; }
  printf("%s: %ld ", what, length);
  for (long i = 0; i < length && i < 120; i++) bytes[i] ? putchar(bytes[i]) : printf("\\0");
  putchar('\n'), fflush(stdout);
}
static int opened(int pid, const char *name) {
  char path[64];
  pid ? sprintf(path, "/proc/%d/%s", pid, name) : sprintf(path, "/proc/self/%s", name);
  return open(path, O_RDONLY);
}
static char bytes[1 << 16];
static void show(const char *what, int fd) { print(what, bytes, pread(fd, bytes, sizeof bytes, 0)); }
static void show_both(const char *what, int pid) {
  printf("%s\n", what);
  int line = opened(pid, "cmdline"), environment = opened(pid, "environ");
  show("cmdline", line), show("environ", environment), close(line), close(environment);
}

static char **arguments, **variables;
static void own(void) {
  char *start = arguments[0], *end = variables[0], *last = arguments[2];
  int line = opened(0, "cmdline"), environment = opened(0, "environ");
  show("as it came", line), show("environment", environment);
  strcpy(start, "re");
  show("shorter", line);
  memset(start, 0, end - start), strcpy(start, "a title");
  show("a title", line);
  memset(start, 't', end - start - 1);
  show("all of it", line);
  end[-1] = '!';
  show("beyond it", line), show("environment", environment);
  strcpy(end, "further");
  show("a word further", line), show("environment", environment);
  print("its end", bytes, pread(line, bytes, 100, end - start)), print("past its zero", bytes, pread(line, bytes, 100, end - start + 8)), print("past all", bytes, pread(line, bytes, 100, 100000));
  memset(start, 0, end - start), strcpy(start, "new");
  show("an end again", line), print("the environment is not its", bytes, pread(line, bytes, 100, end - start));
  memcpy(end, "FIRST=1\0SECOND=2", 17), show("environment", environment);
}
static void ways(void) {
  int line = opened(0, "cmdline");
  strcpy(arguments[0], "ways");
  struct iovec parts[] = {{bytes, 2}, {bytes + 10, 0}, {bytes + 20, 3}};
  memset(bytes, '-', 40);
  tell("readv", readv(line, parts, 3)), print("parts", bytes, 25), tell("at", lseek(line, 0, SEEK_CUR));
  tell("again", readv(line, parts, 3)), print("parts", bytes, 25), tell("at", lseek(line, 0, SEEK_CUR));
  tell("preadv", preadv(line, parts, 3, 1)), print("parts", bytes, 25);
  tell("preadv2", preadv2(line, parts, 3, 2, 0)), print("parts", bytes, 25), tell("flags", preadv2(line, parts, 3, 2, RWF_NOWAIT));
  tell("preadv2 at its own", preadv2(line, parts, 1, -1, 0)), tell("at", lseek(line, 0, SEEK_CUR));
  lseek(line, 0, SEEK_SET);
  for (int i = 0; i < 8; i++) { char one; if (i == 2) strcpy(arguments[0], "WAYS"); long got = read(line, &one, 1); print("one", &one, got); }
  tell("none", read(line, bytes, 0)), tell("nowhere", pread(line, (void *)8, 10, 0)), tell("before", pread(line, bytes, 10, -1)), tell("no vector", readv(line, (void *)8, 1));
  tell("from the end", lseek(line, 0, SEEK_END)), tell("before it", lseek(line, -1, SEEK_END)), tell("data", lseek(line, 0, SEEK_DATA)), tell("hole", lseek(line, 0, SEEK_HOLE)), tell("end of environment", lseek(opened(0, "environ"), 5, SEEK_END));
  int ends[2], file = memfd_create("m", 0), environment = opened(0, "environ");
  pipe(ends);
  tell("sendfile", sendfile(file, line, NULL, 10)), tell("splice", splice(line, NULL, ends[1], NULL, 10, SPLICE_F_NONBLOCK)), tell("copy", copy_file_range(line, NULL, file, NULL, 10, 0));
  tell("sendfile", sendfile(file, environment, NULL, 10)), tell("splice", splice(environment, NULL, ends[1], NULL, 10, SPLICE_F_NONBLOCK)), tell("copy", copy_file_range(environment, NULL, file, NULL, 10, 0));
}
// The third variable is long: of its pages some hold nothing else.
static void pages(void) {
  int environment = opened(0, "environ"), line = opened(0, "cmdline");
  char *page = (char *)(((uintptr_t)variables[2] + 4095) & ~4095UL);
  long before = page - variables[0], whole = pread(environment, bytes, sizeof bytes, 0);
  check(whole == before + pread(environment, bytes, sizeof bytes, before), "as much as there is");
  mprotect(page + 4096, 4096, PROT_NONE);
  tell("none of it", pread(environment, bytes, sizeof bytes, 0)), check(pread(environment, bytes, 100, before) == 100, "before it"), check(pread(environment, bytes, before + 100, 0) == before + 100, "up to it");
  tell("of it", pread(environment, bytes, 100, before + 4096)), check(pread(environment, bytes, 4096, before + 4000) == 0, "across");
  show("cmdline", line);
  mprotect(page + 4096, 4096, PROT_READ);
  check(pread(environment, bytes, sizeof bytes, 0) == whole, "readable");
  munmap(page + 4096, 4096);
  tell("not mapped", pread(environment, bytes, 100, before + 4096));
  mmap(page + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), memcpy(page + 4096, "mapped anew", 11);
  print("anew", bytes, pread(environment, bytes, 12, before + 4096));
  mmap(page + 4096, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0), memcpy(page + 4096, "shared", 6);
  tell("shared", pread(environment, bytes, 12, before + 4096));
  int file = open("/proc/self/exe", O_RDONLY);
  mmap(page + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED, file, 0), memcpy(page + 4096, "of a file", 9);
  tell("of a file", pread(environment, bytes, 12, before + 4096));
  mmap(page + 4096, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
}
enum { TOLD = 100, ASKED };
static int told[2], asked[2];
static void say(int fd) { write(fd, "x", 1); }
static void hear(int fd) { char one; read(fd, &one, 1); }
static void others(void) {
  pipe(told), pipe(asked);
  pid_t child = fork();
  if (child == 0) {
    strcpy(arguments[0], "a child"), strcpy(variables[0], "CHILD");
    say(told[1]), hear(asked[0]);
    setresuid(1000, 1000, 1000);
    say(told[1]), hear(asked[0]);
    char *const next[] = {"next", "again", NULL}, *const nothing[] = {"OF=THE NEXT", NULL};
    dup2(told[1], TOLD), dup2(asked[0], ASKED);
    execve("/proc/self/exe", next, nothing);
  }
  hear(told[0]);
  show_both("a child", child), show_both("its parent", getpid());
  int line = opened(child, "cmdline"), environment = opened(child, "environ");
  show("kept", line), show("kept", environment);
  if (fork() == 0) {
    setresuid(1001, 1001, 1001);
    works("another user's cmdline", opened(child, "cmdline")), works("another user's environ", opened(child, "environ"));
    show("opened before", environment), show("opened before", line);
    exit(0);
  }
  wait(NULL);
  say(asked[1]), hear(told[0]);
  show_both("another user's", child);
  if (fork() == 0) {
    setresuid(1000, 1000, 1000);
    works("its user's cmdline", opened(child, "cmdline")), works("its user's environ", opened(child, "environ"));
    exit(0);
  }
  wait(NULL);
  say(asked[1]), hear(told[0]);
  show("executed anew", line), show("executed anew", environment), show_both("opened anew", child);
  int anew = opened(child, "environ");
  say(asked[1]);
  waitid(P_PID, child, NULL, WEXITED | WNOWAIT);
  show("dead", line), show("dead", environment), show("dead", anew), works("of the dead", opened(child, "environ")), works("of the dead", opened(child, "auxv")), works("of the dead", opened(child, "cmdline"));
  tell("offset", lseek(line, 5, SEEK_SET)), tell("read", read(line, bytes, 10));
  waitpid(child, NULL, 0);
  show("gone", line), show("gone", environment), show("gone", anew), works("of nobody", opened(child, "environ"));
}
static int in_same_memory(void *unused) {
  strcpy(arguments[0], "both");
  say(told[1]), hear(asked[0]);
  _exit(0);
}
static void same_memory(void) {
  pid_t child = clone(in_same_memory, bytes + sizeof bytes, CLONE_VM | SIGCHLD, NULL);
  hear(told[0]);
  int environment = opened(child, "environ"), line = opened(0, "cmdline");
  char shown[64];
  print("both", shown, pread(line, shown, 5, 0));
  say(asked[1]), waitpid(child, NULL, 0);
  print("the other has ended", shown, pread(environment, shown, 5, 0));
}
int main(int argc, char **argv, char **envp) {
  if (argc == 1) {
    static char filler[12300];
    memset(filler, 'f', sizeof filler - 1), memcpy(filler, "THIRD=", 6);
    char *const next[] = {"first argument", "second", "third one", NULL}, *const environment[] = {"FIRST=1", "SECOND=2", filler, NULL};
    execve("/proc/self/exe", next, environment);
    return 1;
  }
  if (argc == 2) {
    say(TOLD), hear(ASKED);
    return 0;
  }
  arguments = argv, variables = envp;
  own(), ways(), pages(), others(), same_memory();
  return 0;
}
