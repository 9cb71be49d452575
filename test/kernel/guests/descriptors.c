// Files without names and ways without memory: memfd_create and its seals, splice, tee, vmsplice, extended attributes, openat2, process descriptors.
#include "check.h"
#include <linux/openat2.h>
#include <sys/xattr.h>

static char buffer[70000];
static long open2(const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
  struct open_how how = {flags, mode, resolve};
  return syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}
static void names(const char *what, long length) {
  for (long i = 0; i < length; i++) if (!buffer[i]) buffer[i] = ' ';
  printf("%s: %ld %.*s\n", what, length, (int)(length > 0 ? length : 0), buffer);
}
/// The lowest number that is free, whatever was closed or taken before.
static void numbers(void) {
  int first = dup(1);
  for (int i = 1; i < 20; i++) dup(1);
  close(first + 5), close(first + 3);
  printf("numbers: %d %d %d", dup(1) - first, dup(1) - first, dup(1) - first);
  dup2(1, first + 30), printf(" %d", dup(1) - first), close(first + 7), close(first + 30);
  fflush(stdout);
  if (fork() == 0) {
    printf(" %d %d", dup(1) - first, dup(1) - first), fflush(stdout), _exit(0);
  }
  wait(NULL), printf(" %d %d %d\n", fcntl(1, F_DUPFD, first + 12) - first, dup(1) - first, dup(1) - first);
  close_range(first, first + 40, 0), printf("all closed: %d\n", dup(1) - first), close(first);
}
int main(void) {
  struct stat status;
  int fd = works("memfd", memfd_create("some name", MFD_ALLOW_SEALING | MFD_CLOEXEC));
  fstat(fd, &status);
  check(status.st_mode == (S_IFREG | 0777) && status.st_nlink == 0 && status.st_size == 0, "a file without a name");
  long length = readlink("/proc/self/fd/3", buffer, sizeof buffer);
  printf("%.*s\n", (int)length, buffer);
  tell("write", write(fd, "0123456789", 10)), tell("seals", fcntl(fd, F_GET_SEALS));
  void *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  check(memcmp(mapped, "0123", 4) == 0, "mapped");
  tell("seal what is mapped", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  munmap(mapped, 4096);
  tell("shrink and grow", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW));
  tell("shrink", ftruncate(fd, 5)), tell("grow", ftruncate(fd, 50)), tell("write behind", pwrite(fd, "x", 1, 20)), tell("write inside", pwrite(fd, "x", 1, 2));
  tell("write", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL));
  tell("write", pwrite(fd, "x", 1, 0)), tell("map", (long)mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0));
  tell("no more", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK)), tell("seals", fcntl(fd, F_GET_SEALS));
  tell("no seals", fcntl(memfd_create("x", 0), F_ADD_SEALS, F_SEAL_WRITE));
  memset(buffer, 'n', 300), buffer[300] = 0;
  tell("too long", memfd_create(buffer, 0)), tell("flags", memfd_create("x", 0x4000));

  int a[2], b[2], file = open("file", O_RDWR | O_CREAT, 0600);
  pipe(a), pipe(b);
  write(a[1], "from a pipe", 11);
  tell("tee", tee(a[0], b[1], 4, 0)), tell("copied", read(b[0], buffer, 99)), tell("tee to itself", tee(a[0], a[1], 4, 0));
  tell("splice to a file", splice(a[0], NULL, file, NULL, 5, 0));
  loff_t at = 100;
  tell("at a place", splice(a[0], NULL, file, &at, 99, 0)), tell("which moves", at), tell("empty", splice(a[0], NULL, file, NULL, 9, SPLICE_F_NONBLOCK));
  at = 0;
  tell("from a file", splice(file, &at, a[1], NULL, 8, 0)), tell("moved", at), tell("is there", read(a[0], buffer, 99));
  tell("no pipe", splice(file, NULL, file, NULL, 1, 0)), tell("a place in a pipe", splice(a[0], &at, file, NULL, 1, 0));
  tell("wrong way", splice(a[1], NULL, file, NULL, 1, 0)), tell("not open", splice(99, NULL, file, NULL, 1, 0));
  write(a[1], "abc", 3), tell("pipe to pipe", splice(a[0], NULL, b[1], NULL, 9, 0)), tell("is there", read(b[0], buffer, 99));
  struct iovec pieces[2] = {{"vm", 2}, {"splice", 6}};
  tell("vmsplice", vmsplice(a[1], pieces, 2, 0)), tell("is there", read(a[0], buffer, 99)), tell("no pipe", vmsplice(file, pieces, 2, 0));
  char first[3] = "..", second[8] = ".......";
  struct iovec places[2] = {{first, 2}, {second, 7}}, away = {(void *)8, 4}, none = {first, 0};
  write(a[1], "outside", 7), tell("vmsplice out", vmsplice(a[0], places, 2, 0)), puts(first), puts(second), tell("empty", vmsplice(a[0], places, 2, SPLICE_F_NONBLOCK)), tell("nothing", vmsplice(a[0], &none, 1, SPLICE_F_NONBLOCK));
  write(a[1], "more than that", 14), tell("a part", vmsplice(a[0], places, 1, 0)), puts(first), tell("nowhere", vmsplice(a[0], &away, 1, 0)), tell("from nowhere", vmsplice(a[1], &away, 1, 0)), tell("the rest", read(a[0], buffer, 99));
  close(a[1]), tell("ended", splice(a[0], NULL, file, NULL, 9, 0));

  tell("set", setxattr("file", "user.one", "value", 5, 0)), tell("set", fsetxattr(file, "user.two", "2", 1, XATTR_CREATE));
  tell("there already", setxattr("file", "user.one", "x", 1, XATTR_CREATE)), tell("not there", setxattr("file", "user.three", "x", 1, XATTR_REPLACE));
  tell("length", getxattr("file", "user.one", NULL, 0)), tell("get", getxattr("file", "user.one", buffer, 99)), tell("short", getxattr("file", "user.one", buffer, 2));
  tell("none", getxattr("file", "user.none", buffer, 99)), tell("no kind", getxattr("file", "other.one", buffer, 99)), tell("no name", getxattr("file", "", buffer, 99));
  names("list", flistxattr(file, buffer, 99)), tell("short", listxattr("file", buffer, 3));
  tell("remove", removexattr("file", "user.one")), tell("again", removexattr("file", "user.one")), names("left", listxattr("file", buffer, 99));
  symlink("file", "link");
  tell("of a link", lsetxattr("link", "user.one", "x", 1, 0)), tell("through it", setxattr("link", "user.one", "x", 1, 0)), tell("flags", setxattr("file", "user.one", "x", 1, 9));
  tell("gone", getxattr("gone", "user.one", buffer, 9)), tell("not open", fgetxattr(99, "user.one", buffer, 9));

  mkdir("inside", 0700), close(open("inside/file", O_CREAT, 0600)), symlink("../file", "inside/out"), symlink("/etc", "inside/etc");
  works("openat2", open2("file", O_RDONLY, 0, 0)), tell("mode without making", open2("file", O_RDONLY, 0600, 0)), tell("no such flag", open2("file", 1ull << 40, 0, 0));
  tell("no such way", open2("file", O_RDONLY, 0, 1 << 20)), tell("links", open2("link", O_RDONLY, 0, RESOLVE_NO_SYMLINKS));
  tell("magic", open2("/proc/self/fd/1", O_WRONLY, 0, RESOLVE_NO_MAGICLINKS)), tell("other mounts", open2("/proc/version", O_RDONLY, 0, RESOLVE_NO_XDEV));
  tell("out by itself", open2("../x", O_RDONLY, 0, RESOLVE_BENEATH)), tell("out from the root", open2("/file", O_RDONLY, 0, RESOLVE_BENEATH));
  struct open_how how = {O_RDONLY, 0, RESOLVE_BENEATH};
  int folder = open("inside", O_RDONLY | O_DIRECTORY);
  works("beneath", syscall(SYS_openat2, folder, "file", &how, sizeof how));
  tell("by a link", syscall(SYS_openat2, folder, "out", &how, sizeof how)), tell("by a link to the root", syscall(SYS_openat2, folder, "etc", &how, sizeof how));
  how.resolve = RESOLVE_IN_ROOT;
  works("its own root", syscall(SYS_openat2, folder, "/file", &how, sizeof how));
  works("above it", syscall(SYS_openat2, folder, "../../file", &how, sizeof how));
  tell("too short", syscall(SYS_openat2, folder, "file", &how, 8)), tell("too long", syscall(SYS_openat2, folder, "file", &how, 9999));

  int child = fork();
  if (child == 0) {
    pass_time(10);
    _exit(5);
  }
  int process = works("pidfd", syscall(SYS_pidfd_open, child, 0));
  check(fcntl(process, F_GETFD) == FD_CLOEXEC, "closed on exec");
  struct pollfd ready = {process, POLLIN};
  tell("runs", poll(&ready, 1, 0)), tell("nobody", syscall(SYS_pidfd_open, 99999999, 0)), tell("none", syscall(SYS_pidfd_open, -1, 0)), tell("flags", syscall(SYS_pidfd_open, child, 1));
  tell("signal 0", syscall(SYS_pidfd_send_signal, process, 0, NULL, 0)), tell("no process", syscall(SYS_pidfd_send_signal, 1, 0, NULL, 0));
  char place[32];
  sprintf(place, "/proc/%d", child);
  int opened[] = {open(place, O_RDONLY | O_DIRECTORY), open(place, O_PATH), open("/proc", O_RDONLY), open("/proc/self/task", O_RDONLY), open("/proc/self/status", O_RDONLY), open("/proc/self", O_RDONLY)};
  for (int i = 0; i < 6; i++) tell("signal by a folder", syscall(SYS_pidfd_send_signal, opened[i], 0, NULL, 0));
  tell("waits", poll(&ready, 1, 1000));
  siginfo_t info;
  tell("waitid", waitid(P_PIDFD, process, &info, WEXITED)), tell("ended with", info.si_status);
  tell("its folder", syscall(SYS_pidfd_send_signal, opened[0], 0, NULL, 0));
  for (int i = 0; i < 6; i++) close(opened[i]);
  tell("gone", syscall(SYS_pidfd_send_signal, process, 0, NULL, 0)), tell("no child", waitid(P_PIDFD, process, &info, WEXITED)), tell("no pidfd", waitid(P_PIDFD, 1, &info, WEXITED));
  struct { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls; } clone = {CLONE_PIDFD, (uintptr_t)&process, 0, 0, SIGCHLD};
  child = syscall(SYS_clone3, &clone, sizeof clone);
  if (child == 0) {
    int mine = memfd_create("its own", 0);
    for (;;) pause();
  }
  ready.fd = process;
  pass_time(5);
  tell("what is not open", syscall(SYS_pidfd_getfd, process, 99, 0));
  int got = works("its file", syscall(SYS_pidfd_getfd, process, 1, 0));
  check(fcntl(got, F_GETFD) == FD_CLOEXEC, "closed on exec");
  tell("kill", syscall(SYS_pidfd_send_signal, process, SIGKILL, NULL, 0)), tell("ended", poll(&ready, 1, 1000)), tell("by", (waitid(P_PIDFD, process, &info, WEXITED), info.si_status));
  numbers();
  return 0;
}
