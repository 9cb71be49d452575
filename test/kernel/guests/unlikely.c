// Arguments that no program gives on purpose: each was found by the fuzzer of system calls (test/fuzz/syscalls), and Linux has an answer to it.
#include "check.h"
#include <grp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/xattr.h>

/// A descriptor that lies in no directory, where a directory or a file is asked for.
static void anonymous(int fd) {
  struct stat status;
  struct statfs system;
  char path[32];
  sprintf(path, "/proc/self/fd/%d", fd);
  tell("open below", openat(fd, "x", O_RDONLY)), tell("renameat", renameat(fd, "x", AT_FDCWD, "y")), tell("fchdir", fchdir(fd));
  tell("fstatat", fstatat(fd, "", &status, AT_EMPTY_PATH)), tell("link", linkat(fd, "", AT_FDCWD, "linked", AT_EMPTY_PATH));
  tell("faccessat", syscall(SYS_faccessat2, fd, "", R_OK, AT_EMPTY_PATH)), tell("readlinkat", readlinkat(fd, "", path + 20, 9));
  tell("execveat", syscall(SYS_execveat, fd, "", NULL, NULL, AT_EMPTY_PATH));
  tell("fstatfs", fstatfs(fd, &system)), check(system.f_type == 0x09041934, "their own file system"), tell("statfs", statfs(path, &system));
  tell("stat", stat(path, &status)), tell("open", open(path, O_RDONLY)), tell("truncate", truncate(path, 0)), tell("ftruncate", ftruncate(fd, 3)), tell("chdir", chdir(path));
  tell("only the place", open(path, O_PATH) >= 0), tell("below", access(strcat(path, "/x"), F_OK));
}
/// The number that the parent is told need not be a signal.
static void exit_signal(int number) {
  int child = syscall(SYS_clone, number, NULL, NULL, NULL, NULL), status;
  if (child == 0) _exit(3);
  tell("without __WALL", waitpid(child, &status, 0));
  check(waitpid(child, &status, __WALL) == child && WEXITSTATUS(status) == 3, "waited for");
}
/// Nowhere to store what there is to tell.
static void nowhere(void) {
  gid_t groups[3] = {7, 8, 9};
  if (geteuid() == 0) setgroups(3, groups);
  int epoll = epoll_create1(0), ready = eventfd(1, 0);
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, ready, &event);
  tell("getgroups", syscall(SYS_getgroups, 65536, NULL)), tell("epoll_wait", epoll_wait(epoll, NULL, 4, 0));
}
/// Seconds that a file system cannot keep. (The native folder is expected on ext4.)
static void far_times(void) {
  static const long seconds[] = {-(1L << 40), -5, 1L << 32, 15032385535, 1L << 40, INT64_MAX, INT64_MIN};
  close(creat("old", 0600));
  for (int i = 0; i < 7; i++) {
    struct timespec times[2] = {{seconds[i], 999}, {seconds[i], 999}};
    struct stat status;
    tell("utimensat", utimensat(AT_FDCWD, "old", times, 0)), stat("old", &status);
    printf("%ld.%09ld\n", status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
  }
}
/// A handler whose frame cannot be stored, of SIGSEGV too.
static void no_frame(int number, int flags) {
  int status, child = fork();
  if (child == 0) {
    stack_t nowhere = {.ss_sp = (void *)0x1000, .ss_size = 65536};
    struct sigaction action = {.sa_handler = _exit, .sa_flags = SA_ONSTACK | flags};
    sigaltstack(&nowhere, NULL), sigaction(number, &action, NULL);
    raise(number), _exit(77);
  }
  check(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "killed for want of a frame");
}
/// Moments that the clock cannot be set to; none of these sets it.
static void no_moment(void) {
  struct timespec far = {1L << 40, 0}, odd = {5, 1000000000};
  struct timeval far_too = {1L << 40, 0};
  tell("clock_settime", clock_settime(CLOCK_REALTIME, &far)), tell("clock_settime", clock_settime(CLOCK_REALTIME, &odd));
  tell("settimeofday", settimeofday(&far_too, NULL));
}
/// The second word is not aligned, or the first.
static void odd_words(void) {
  static uint32_t words[4];
  char *odd = (char *)words + 3;
  static const int operations[] = {3, 4, 5, 11, 12};
  for (int i = 0; i < 5; i++) tell("second", syscall(SYS_futex, words, operations[i], 1, NULL, odd, 0)), tell("first", syscall(SYS_futex, odd, operations[i], 1, NULL, words, 0));
}
/// What is left behind is an area of its own.
static void left_behind(void) {
  char *area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  area[0] = 'a';
  char *moved = mremap(area, 4096, 4096, MREMAP_MAYMOVE | 4 /* MREMAP_DONTUNMAP */, NULL);
  check(moved != MAP_FAILED && moved[0] == 'a' && area[0] == 0, "moved, and left behind");
  tell("other sizes", (long)mremap(area, 0x400, 0x2000, MREMAP_MAYMOVE | 4, NULL));
  char *odd = mremap(area, 0x400, 0x200, MREMAP_MAYMOVE | 4, NULL);
  check(odd != MAP_FAILED, "the same size in pages");
}
/// A descriptor whose open still waits is nobody's: not to be closed, and not to be copied over.
static int waiting_fd;
static void *open_fifo(void *_) { return (void *)(long)open("fifo", O_RDONLY); }
static void early(void) {
  pthread_t thread;
  void *opened;
  mkfifo("fifo", 0600);
  waiting_fd = dup(1), close(waiting_fd);
  pthread_create(&thread, NULL, open_fifo, NULL), pass_time(100);
  tell("copied over", dup2(1, waiting_fd)), tell("closed", close(waiting_fd)), tell("used", fcntl(waiting_fd, F_GETFD)), tell("close_range", close_range(waiting_fd, waiting_fd, 0));
  int next = dup(1), child = fork(), status;
  check(next == waiting_fd + 1, "its number is taken");
  if (child == 0) _exit(dup(1) == waiting_fd);
  waitpid(child, &status, 0), check(WEXITSTATUS(status) == 1, "a child's is not");
  int writer = open("fifo", O_WRONLY);
  pthread_join(thread, &opened), check((long)opened == waiting_fd, "opened"), tell("closed", close(waiting_fd));
  close(next), close(writer);
}
/// What calls store in a file is seen where the file is mapped. (Found by stress-ng's memfd.)
static void seen_in_mapping(void) {
  int fd = open("mapped", O_RDWR | O_CREAT, 0600);
  ftruncate(fd, 8192);
  char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  map[4096] = 'a', map[4097] = 'z';
  pwrite(fd, "b", 1, 4096), check(map[4096] == 'b' && map[4097] == 'z', "written");
  tell("fallocate", fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096)), check(map[4096] == 0, "punched");
  map[4096] = 'c';
  char byte = 0;
  pread(fd, &byte, 1, 4096), check(byte == 'c', "and stored again");
}
/// A file is not to become longer than the limit: nothing of it is done, and a signal says so. (Found by stress-ng's rlimit.)
static volatile int told_size;
static void note_size(int signal) { told_size = signal; }
static void too_long(void) {
  struct rlimit before, limit;
  int fd = open("limited", O_RDWR | O_CREAT, 0600);
  getrlimit(RLIMIT_FSIZE, &before), limit = before, limit.rlim_cur = 5000;
  signal(SIGXFSZ, note_size), setrlimit(RLIMIT_FSIZE, &limit);
  tell("longer", ftruncate(fd, 5001)), check(told_size == SIGXFSZ, "told"), told_size = 0;
  tell("as long", ftruncate(fd, 5000)), tell("fallocate", fallocate(fd, 0, 4000, 1001)), check(told_size == SIGXFSZ, "told"), told_size = 0;
  tell("beyond, with its size", fallocate(fd, FALLOC_FL_KEEP_SIZE, 4000, 5000)), check(told_size == 0, "not told");
  tell("a part", pwrite(fd, "0123456789", 10, 4995)), check(told_size == 0, "not told"), tell("none", pwrite(fd, "0", 1, 5000)), check(told_size == SIGXFSZ, "told");
  setrlimit(RLIMIT_FSIZE, &before), close(fd);
}
/// What init has: who may know depends on the host, but there is an answer, and it is no success.
static void of_init(void) {
  int init = syscall(SYS_pidfd_open, 1, 0);
  struct iovec nothing = {(void *)0x1000, 4096};
  check(syscall(SYS_pidfd_getfd, init, 9999, 0) == -1, "a file of init's");
  check(syscall(SYS_process_madvise, init, &nothing, 1, MADV_COLD, 0) == -1, "advice for init");
  check(syscall(SYS_kcmp, 1, getpid(), 0, 9999, 9999) == -1, "comparing with init");
}
int main(void) {
  too_long();
  of_init();
  seen_in_mapping();
  early();
  left_behind();
  no_moment(), odd_words();
  no_frame(SIGUSR1, 0), no_frame(SIGSEGV, 0), no_frame(SIGSEGV, SA_NODEFER);
  far_times();
  nowhere();
  anonymous(eventfd(0, 0));
  anonymous(epoll_create1(0));
  exit_signal(80), exit_signal(255), exit_signal(0);
  return 0;
}
