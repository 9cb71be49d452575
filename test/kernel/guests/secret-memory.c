// Memory that only its own program sees (memfd_secret(2)).
#include "check.h"
#include <sys/ptrace.h>
#include <sys/uio.h>

static char *page;
static void mapping(const char *what, void *at) { printf("%s: %s\n", what, at == MAP_FAILED ? strerrorname_np(errno) : "ok"), fflush(stdout); }
static void *map(int fd, long length, int protection, int flags) { return mmap(NULL, length, protection, flags, fd, 0); }
int main(void) {
  struct stat status;
  char buffer[4096];
  int fd = syscall(SYS_memfd_secret, 0), pipes[2];
  if (fd == -1 && errno == ENOSYS) return not_compared("secret memory");
  tell("flags", syscall(SYS_memfd_secret, FD_CLOEXEC)), tell("closed on exec", fcntl(syscall(SYS_memfd_secret, O_CLOEXEC), F_GETFD));
  fstat(fd, &status), printf("%o %ld %ld %ld %x\n", status.st_mode, (long)status.st_nlink, status.st_size, status.st_blocks, fcntl(fd, F_GETFL));
  buffer[readlink("/proc/self/fd/3", buffer, sizeof buffer - 1)] = 0, puts(buffer);
  tell("read", read(fd, buffer, 3)), tell("write", write(fd, buffer, 3)), tell("pread", pread(fd, buffer, 3, 0)), tell("lseek", lseek(fd, 0, SEEK_SET)), tell("fallocate", fallocate(fd, 0, 0, 4096));
  tell("seals", fcntl(fd, F_GET_SEALS)), tell("fsync", fsync(fd)), tell("again", open("/proc/self/fd/3", O_RDWR)), tell("a name", linkat(AT_FDCWD, "/proc/self/fd/3", AT_FDCWD, "name", AT_SYMLINK_FOLLOW));
  tell("length", ftruncate(fd, 5000)), tell("only once", ftruncate(fd, 8192)), tell("not back", ftruncate(fd, 0));
  mapping("private", map(fd, 4096, PROT_READ, MAP_PRIVATE)), mapping("to execute", map(fd, 4096, PROT_READ | PROT_EXEC, MAP_SHARED));
  page = map(fd, 8192, PROT_READ | PROT_WRITE, MAP_SHARED), mapping("shared", page), strcpy(page, "hello");
  fstat(fd, &status), printf("%ld %ld\n", status.st_size, status.st_blocks);
  pipe(pipes), tell("to write", write(pipes[1], page, 6)), tell("to read", read(pipes[0], page + 10, 6)), puts(page + 10);
  tell("drop", madvise(page, 4096, MADV_DONTNEED)), tell("remove", madvise(page, 4096, MADV_REMOVE)), tell("populate", madvise(page, 4096, MADV_POPULATE_READ)), tell("unlock", munlock(page, 8192)), tell("drop", madvise(page, 4096, MADV_DONTNEED));
  tell("to execute", mprotect(page, 4096, PROT_READ | PROT_EXEC)), tell("to read", mprotect(page + 4096, 4096, PROT_READ)), tell("to write", mprotect(page + 4096, 4096, PROT_READ | PROT_WRITE));
  munmap(page, 8192), page = map(fd, 8192, PROT_READ | PROT_WRITE, MAP_SHARED), puts(page);
  int child = fork();
  if (child == 0) {
    strcpy(page, "child"), pause(), _exit(0);
  }
  pass_time(50), puts(page);
  tell("attach", ptrace(PTRACE_ATTACH, child, 0, 0)), waitpid(child, NULL, 0);
  struct iovec here = {buffer, 10}, there = {page, 10}, before = {buffer + 100, 10};
  errno = 0, tell("peek", ptrace(PTRACE_PEEKDATA, child, page, 0)), tell("poke", ptrace(PTRACE_POKEDATA, child, page, 1));
  check(process_vm_readv(child, &here, 1, &there, 1, 0) <= 0, "not read"), check(process_vm_writev(child, &here, 1, &there, 1, 0) <= 0, "not written"), puts(page);
  errno = 0, ptrace(PTRACE_PEEKDATA, child, buffer, 0), check(errno == 0, "other memory"), kill(child, SIGKILL), waitpid(child, NULL, 0);
  struct rlimit limit = {4096, 4096};
  setrlimit(RLIMIT_MEMLOCK, &limit), mapping("by root", map(fd, 8192, PROT_READ, MAP_SHARED)), setuid(1000), mapping("more than may be locked", map(fd, 8192, PROT_READ, MAP_SHARED));
  works("by another", syscall(SYS_memfd_secret, 0));
  return 0;
}
