// Landlock (landlock(7)): rulesets and their errnos, what each right allows, hierarchies, layers, links and renames between directories, programs, mounts, other processes.
#include "check.h"
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

enum { EXECUTE = 1, WRITE = 2, READ = 4, LIST = 8, RMDIR = 16, UNLINK = 32, CHAR = 64, DIR_ = 128, REG = 256, SOCK = 512, FIFO = 1024, BLOCK = 2048, SYM = 4096, REFER = 8192, ALL = 16383 };
struct ruleset { uint64_t handled; };
struct beneath { uint64_t allowed; int32_t parent; } __attribute__((packed));
static int create(uint64_t handled) {
  struct ruleset attributes = {handled};
  return syscall(444, &attributes, sizeof attributes, 0);
}
static long rule(int ruleset, const char *path, uint64_t allowed) {
  struct beneath beneath = {allowed, open(path, O_PATH | O_CLOEXEC)};
  long answer = syscall(445, ruleset, 1, &beneath, 0);
  int error = errno;
  close(beneath.parent), errno = error;
  return answer;
}
static long restrict_self(int ruleset, unsigned flags) { return syscall(446, ruleset, flags); }
// In a child of its own, which starts with what the parent is restricted by.
#define IN_CHILD(what) if (printf("-- %s\n", what), fflush(stdout), fork() == 0)
static void done(void) { fflush(stdout), _exit(0); }
static void try(const char *what, const char *path, int flags) {
  int fd = open(path, flags, 0644);
  printf("%s: %s\n", what, fd == -1 ? strerrorname_np(errno) : "ok"), fflush(stdout);
  close(fd);
}
static void tree(void) {
  mkdir("a", 0755), mkdir("a/in", 0755), mkdir("a/in/deep", 0755), mkdir("b", 0755), mkdir("b/in", 0755);
  const char *files[] = {"a/file", "a/in/file", "a/in/deep/file", "b/file", "b/in/file"};
  for (int i = 0; i < 5; i++) close(open(files[i], O_CREAT | O_WRONLY, 0644));
}
static void arguments(void) {
  struct ruleset attributes = {ALL};
  char large[5000] = {1};
  check(syscall(444, NULL, 0, 1) >= 2, "version"), tell("with a size", syscall(444, NULL, 8, 1)), tell("with attributes", syscall(444, &attributes, 0, 1)), tell("no flag", syscall(444, NULL, 0, 1 << 20));
  tell("nothing", syscall(444, NULL, 0, 0)), tell("nowhere", syscall(444, 8, 8, 0)), tell("small", syscall(444, &attributes, 7, 0)), tell("large", syscall(444, large, 5000, 0)), tell("too new", (memset(large, 1, 4096), *(uint64_t *)large = ALL, syscall(444, large, 4096, 0)));
  tell("no right", create(0)), tell("unknown right", create(1ull << 40)), memset(large, 0, sizeof large), *(uint64_t *)large = ALL;
  int ruleset = works("padded", syscall(444, large, 4096, 0)), part = works("a part", create(READ | WRITE | REG));
  char link[100] = "", path[40];
  snprintf(path, sizeof path, "/proc/self/fd/%d", ruleset), readlink(path, link, 99), printf("%s\n", link), tell("closes", fcntl(ruleset, F_GETFD)), tell("flags", fcntl(ruleset, F_GETFL) & O_ACCMODE);
  tell("read", read(ruleset, link, 4)), tell("write", write(ruleset, link, 4)), tell("seek", lseek(ruleset, 0, SEEK_CUR));
  struct beneath beneath = {READ, open("a", O_PATH)};
  int file = open("a/file", O_PATH), pipes[2], memory = syscall(SYS_memfd_create, "m", 0);
  pipe(pipes);
  tell("rule", syscall(445, part, 1, &beneath, 0)), tell("again", syscall(445, part, 1, &beneath, 0)), tell("flags", syscall(445, part, 1, &beneath, 1)), tell("no type", syscall(445, part, 7, &beneath, 0)), tell("nowhere", syscall(445, part, 1, 8, 0)), tell("no descriptor", syscall(445, 99, 1, &beneath, 0)), tell("no ruleset", syscall(445, beneath.parent, 1, &beneath, 0)), tell("no file of a ruleset", syscall(445, pipes[0], 1, &beneath, 0));
  beneath.allowed = 0, tell("allows nothing", syscall(445, part, 1, &beneath, 0)), beneath.allowed = EXECUTE, tell("not handled", syscall(445, part, 1, &beneath, 0)), beneath.allowed = READ;
  beneath.parent = 99, tell("no place", syscall(445, part, 1, &beneath, 0)), beneath.parent = part, tell("a ruleset", syscall(445, part, 1, &beneath, 0)), beneath.parent = pipes[0], tell("a pipe", syscall(445, part, 1, &beneath, 0)), beneath.parent = memory, tell("a memory file", syscall(445, part, 1, &beneath, 0));
  beneath.parent = file, tell("a file", syscall(445, part, 1, &beneath, 0)), beneath.allowed = READ | REG, tell("makes no sense for it", syscall(445, part, 1, &beneath, 0));
  tell("flags", restrict_self(part, 1u << 30)), tell("no descriptor", restrict_self(99, 0)), tell("no ruleset", restrict_self(file, 0)), tell("a pipe", restrict_self(pipes[0], 0));
  IN_CHILD("unprivileged") {
    setresuid(1, 1, 1), tell("may not", restrict_self(part, 0)), tell("nor that", restrict_self(part, 1u << 30)), tell("promises", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)), tell("may", restrict_self(part, 0)), done();
  }
  wait(NULL), close(ruleset), close(part), close(file), close(memory);
}
static void each_right(void) {
  IN_CHILD("everything forbidden") {
    int ruleset = create(ALL), kept = open("a/file", O_RDWR);
    works("restricted", restrict_self(ruleset, 0)), close(ruleset);
    try("read", "a/file", O_RDONLY), try("write", "a/file", O_WRONLY), try("list", "a", O_RDONLY), try("place", "a/file", O_PATH), try("make", "a/new", O_CREAT | O_WRONLY), try("unnamed", "a", O_TMPFILE | O_RDWR), try("device", "/dev/null", O_RDWR), try("proc", "/proc/self/status", O_RDONLY), try("not there", "a/none", O_RDONLY), try("there already", "a/file", O_CREAT | O_EXCL | O_RDWR);
    tell("mkdir", mkdir("a/new", 0755)), tell("there already", mkdir("a/in", 0755)), tell("fifo", mkfifo("a/new", 0644)), tell("node", mknod("a/new", S_IFCHR, 0)), tell("regular", mknod("a/new", S_IFREG, 0)), tell("symlink", symlink("x", "a/new")), tell("unlink", unlink("a/file")), tell("unlink a directory", unlink("a/in")), tell("rmdir", rmdir("a/in/deep")), tell("rmdir a file", rmdir("a/file")), tell("not there", unlink("a/none"));
    tell("rename here", rename("a/file", "a/other")), tell("rename there", rename("a/file", "b/other")), tell("link", link("a/file", "a/other")), tell("link there", link("a/file", "b/other"));
    struct stat status;
    char name[100];
    tell("stat", stat("a/file", &status)), tell("chmod", chmod("a/file", 0644)), tell("chdir", chdir("a")), tell("back", chdir("..")), tell("kept", write(kept, "text", 4)), tell("truncate", truncate("a/file", 0)), snprintf(name, 100, "/proc/self/fd/%d", kept), try("kept by name", name, O_RDONLY);
    int pipes[2], memory = syscall(SYS_memfd_create, "m", 0);
    pipe(pipes), snprintf(name, 100, "/proc/self/fd/%d", pipes[0]), tell("link of /proc", readlink(name, name, 5)), snprintf(name, 100, "/proc/self/fd/%d", pipes[0]), try("a pipe by name", name, O_RDONLY), snprintf(name, 100, "/proc/self/fd/%d", memory), try("memory by name", name, O_RDWR);
    struct sockaddr_un address = {AF_UNIX, "a/socket"}, abstract = {AF_UNIX, "\0landlock"};
    int one = socket(AF_UNIX, SOCK_STREAM, 0);
    tell("bind", bind(one, (void *)&address, sizeof address)), tell("abstract", bind(one, (void *)&abstract, sizeof abstract));
    execl("/proc/self/exe", "x", NULL), tell("execute", -1);
    tell("mount", mount("none", "b", "tmpfs", 0, NULL)), tell("nowhere", mount("none", "none", "tmpfs", 0, NULL)), tell("remount", mount("none", "/", NULL, MS_REMOUNT | MS_BIND, NULL)), tell("unmount", umount2("b", 0)), tell("unmount root", umount2("/", MNT_DETACH)), tell("pivot", syscall(SYS_pivot_root, ".", "."));
    int picked = syscall(433, AT_FDCWD, "/dev/shm", 0);
    works("pick", picked), tell("changed", syscall(431, picked, 0, "rw", NULL, 0)), tell("so", syscall(431, picked, 7, NULL, NULL, 0)), close(picked);
    done();
  }
  wait(NULL);
  IN_CHILD("only what is handled") {
    int ruleset = create(WRITE);
    restrict_self(ruleset, 0), try("read", "a/file", O_RDONLY), try("write", "a/file", O_WRONLY), try("both", "a/file", O_RDWR), try("list", "a", O_RDONLY), try("make for reading", "a/made", O_CREAT | O_RDONLY), try("make", "a/made2", O_CREAT | O_WRONLY), tell("it is there", access("a/made2", F_OK)), tell("mkdir", mkdir("a/new", 0755)), tell("rmdir", rmdir("a/new")), tell("link here", link("a/file", "a/linked")), tell("link there", link("a/file", "b/linked")), tell("rename there", rename("a/linked", "b/linked")), tell("rename here", rename("a/linked", "a/moved")), unlink("a/moved"), unlink("a/made"), unlink("a/made2"), done();
  }
  wait(NULL);
  IN_CHILD("below a directory") {
    int ruleset = create(ALL);
    works("rule", rule(ruleset, "a", READ | LIST | WRITE)), works("rule", rule(ruleset, "a/in", REG | UNLINK)), works("on a file", rule(ruleset, "b/file", READ)), works("devices", rule(ruleset, "/dev", READ | WRITE)), restrict_self(ruleset, 0);
    try("read", "a/in/deep/file", O_RDONLY), try("list", "a/in", O_RDONLY | O_DIRECTORY), try("outside", "b/in/file", O_RDONLY), try("the file", "b/file", O_RDONLY), try("the file for writing", "b/file", O_WRONLY), try("device", "/dev/null", O_RDWR), try("root", "/", O_RDONLY), try("up and down", "a/in/../../b/in/file", O_RDONLY);
    try("make in it", "a/in/new", O_CREAT | O_RDWR), try("make above", "a/new", O_CREAT | O_RDWR), tell("unlink in it", unlink("a/in/new")), tell("unlink above", unlink("a/file")), tell("mkdir", mkdir("a/in/d", 0755)), try("truncate", "a/file", O_WRONLY | O_TRUNC);
    symlink("x", "a/in/link"), tell("rename below", rename("a/in/deep/file", "a/in/deep/other")), tell("and back", rename("a/in/deep/other", "a/in/deep/file")), tell("exchange", syscall(SYS_renameat2, AT_FDCWD, "a/in/file", AT_FDCWD, "a/in/deep/file", 2)), tell("into another", rename("a/in/file", "a/in/deep/other"));
    done();
  }
  wait(NULL);
}
static void layers(void) {
  IN_CHILD("layers") {
    int one = create(READ | WRITE), two = create(READ | LIST);
    rule(one, "a", READ | WRITE), rule(one, "b", WRITE), rule(two, "a/in", READ), rule(two, "b", LIST);
    tell("first", restrict_self(one, 0)), try("read", "a/file", O_RDONLY), tell("later rules do not count", rule(one, "b", READ)), try("so not", "b/file", O_RDONLY), tell("second", restrict_self(two, 0));
    try("allowed by one", "a/file", O_RDONLY), try("by both", "a/in/file", O_RDONLY), try("written", "a/in/file", O_RDWR), try("listed", "b", O_RDONLY), try("not listed", "a", O_RDONLY), try("written", "b/file", O_WRONLY);
    if (fork() == 0) {
      try("inherited", "a/file", O_RDONLY), try("inherited", "a/in/file", O_RDONLY), done();
    }
    wait(NULL);
    int last = create(EXECUTE), count = 2;
    while (restrict_self(last, 0) == 0) count++;
    printf("%d layers, then %s\n", count, strerrorname_np(errno)), done();
  }
  wait(NULL);
  IN_CHILD("removed and made again") {
    mkdir("c", 0755);
    int ruleset = create(READ);
    rule(ruleset, "c", READ), restrict_self(ruleset, 0), close(open("c/file", O_CREAT | O_WRONLY, 0644)), try("before", "c/file", O_RDONLY), unlink("c/file"), rmdir("c"), mkdir("c", 0755), close(open("c/file", O_CREAT | O_WRONLY, 0644)), try("after", "c/file", O_RDONLY), unlink("c/file"), rmdir("c"), done();
  }
  wait(NULL);
}
static void exchange(const char *what, const char *from, const char *to, int flags) { tell(what, syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags)); }
static void referring(void) {
  IN_CHILD("referring allowed") {
    int ruleset = create(ALL);
    rule(ruleset, "a", REFER | REG | UNLINK | DIR_ | RMDIR), rule(ruleset, "b", REFER | REG | UNLINK | DIR_ | RMDIR), restrict_self(ruleset, 0);
    exchange("there", "a/file", "b/new", 0), exchange("back", "b/new", "a/file", 0), exchange("over another", "a/file", "b/file", 0), tell("link", link("b/file", "a/file")), exchange("exchanged", "a/file", "b/in/file", 2), exchange("a directory", "a/in", "b/moved", 0), exchange("and back", "b/moved", "a/in", 0), done();
  }
  wait(NULL);
  IN_CHILD("more allowed there") {
    int ruleset = create(ALL);
    rule(ruleset, "a", REFER | REG | UNLINK), rule(ruleset, "b", REFER | REG | UNLINK | READ), restrict_self(ruleset, 0);
    exchange("gains", "a/file", "b/new", 0), exchange("loses", "b/file", "a/new", 0), exchange("exchanged", "b/in/file", "a/new", 2), tell("link gains", link("a/new", "b/linked")), done();
  }
  wait(NULL);
  IN_CHILD("the file itself allows it") {
    int ruleset = create(ALL);
    rule(ruleset, "a", REFER | REG | UNLINK), rule(ruleset, "b", REFER | REG | UNLINK | READ), rule(ruleset, "a/new", READ), restrict_self(ruleset, 0), exchange("gains nothing", "a/new", "b/file", 0), done();
  }
  wait(NULL);
  IN_CHILD("one side only") {
    int ruleset = create(ALL);
    rule(ruleset, "a", REFER | REG | UNLINK), rule(ruleset, "b", REG | UNLINK), restrict_self(ruleset, 0);
    exchange("not from", "b/file", "a/new", 0), exchange("not to", "a/in/file", "b/new", 0), tell("link", link("b/file", "a/new")), exchange("below one", "a/in/file", "a/new", 0), exchange("and back", "a/new", "a/in/file", 0), exchange("not there", "a/none", "b/new", 0), exchange("a directory", "a/in", "b/dir", 0), exchange("into itself", "a/in", "a/in/deep/x", 0), done();
  }
  wait(NULL);
  IN_CHILD("above both") {
    int ruleset = create(READ | REFER);
    rule(ruleset, ".", REFER), rule(ruleset, "b", READ), restrict_self(ruleset, 0), exchange("gains", "a/in/file", "b/new", 0), exchange("loses", "b/file", "a/new", 0), exchange("the same", "a/new", "a/in/new", 0), exchange("and back", "a/in/new", "a/new", 0), done();
  }
  wait(NULL);
  IN_CHILD("two layers") {
    int one = create(REFER), two = create(READ | REFER);
    rule(one, ".", REFER), rule(two, "a", REFER), rule(two, "b", REFER | READ), restrict_self(one, 0), restrict_self(two, 0), exchange("the same", "a/in/file", "a/moved", 0), exchange("gains", "a/moved", "b/new", 0), exchange("back", "a/moved", "a/in/file", 0), exchange("loses", "b/in/file", "a/moved", 0), done();
  }
  wait(NULL);
  IN_CHILD("no rule for it") {
    int ruleset = create(REFER);
    restrict_self(ruleset, 0), exchange("elsewhere", "a/in/file", "b/new", 0), exchange("here", "a/in/file", "a/in/new", 0), exchange("and back", "a/in/new", "a/in/file", 0), exchange("exchanged here", "a/in/file", "a/in/deep", 2), exchange("and back", "a/in/file", "a/in/deep", 2), done();
  }
  wait(NULL);
}
static void copy(const char *from, const char *to) {
  char buffer[65536];
  int in = open(from, O_RDONLY), out = open(to, O_CREAT | O_WRONLY, 0755);
  for (long length; (length = read(in, buffer, sizeof buffer)) > 0;) write(out, buffer, length);
  close(in), close(out);
}
static void programs(void) {
  copy("/proc/self/exe", "a/program"), mkdir("a/tools", 0755), link("a/program", "a/tools/program");
  int script = open("a/script", O_CREAT | O_WRONLY, 0755);
  write(script, "#!a/tools/program told\n", 23), close(script);
  for (int step = 0; step < 4; step++) {
    IN_CHILD("programs") {
      int ruleset = create(EXECUTE | (step == 3 ? READ : 0));
      if (step) rule(ruleset, "a/tools", EXECUTE);
      restrict_self(ruleset, 0), execl(step == 2 ? "a/script" : step ? "a/tools/program" : "a/program", "x", "told", NULL), tell("execute", -1), done();
    }
    wait(NULL);
  }
}
static void others(void) {
  int pipes[2], back[2], status;
  char byte;
  long word = 7, copied = 0;
  struct iovec own = {&copied, sizeof copied}, far = {&word, sizeof word};
  pipe(pipes), pipe(back);
  int child = fork();
  if (child == 0) {
    int ruleset = create(READ), above = getppid();
    read(pipes[0], &byte, 1), works("restricted", restrict_self(ruleset, 0)), write(back[1], "x", 1), read(pipes[0], &byte, 1);
    tell("looks up", process_vm_readv(above, &own, 1, &far, 1, 0)), tell("into itself", process_vm_readv(getpid(), &own, 1, &far, 1, 0));
    int below = fork();
    if (below == 0) {
      pause();
    }
    tell("looks down", process_vm_readv(below, &own, 1, &far, 1, 0)), kill(below, SIGKILL), wait(NULL);
    below = fork();
    if (below == 0) {
      restrict_self(create(LIST), 0), tell("deeper", process_vm_readv(getppid(), &own, 1, &far, 1, 0)), write(back[1], "x", 1), pause();
    }
    read(back[0], &byte, 1), tell("looks deeper", process_vm_readv(below, &own, 1, &far, 1, 0)), kill(below, SIGKILL), wait(NULL), done();
  }
  write(pipes[1], "x", 1), read(back[0], &byte, 1), tell("from outside", process_vm_readv(child, &own, 1, &far, 1, 0)), write(pipes[1], "x", 1), wait(NULL);
}
int main(int count, char **arguments_) {
  if (count > 1) return printf("a program was executed\n"), 0;
  if (syscall(444, NULL, 0, 1) == -1) return not_compared("Landlock");
  umask(022), tree(), arguments(), each_right(), layers(), referring(), programs(), others();
  return 0;
}
