// /proc/PID/mem: memory as a file, whatever its pages' permissions say: holes, ways to read and write, shared pages, code, others' memory, the dead, other programs.
#include "check.h"
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define AT(address) ((off_t)(uintptr_t)(address))
static int opened(int pid, int flags) {
  char path[64];
  sprintf(path, "/proc/%d/mem", pid ?: getpid());
  return open(path, flags);
}
static char *mapped(int length, int protection, int flags, int fd) { return mmap(NULL, length, protection, flags, fd, 0); }
__attribute__((noinline)) static int answer(void) { return 42; }
static const char constant[] = "a constant", *volatile unknown = constant;

static void own(void) {
  int fd = opened(0, O_RDWR);
  char *area = mapped(4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), bytes[20000] = "";
  munmap(area + 8192, 4096), strcpy(area, "some bytes");
  tell("read", pread(fd, bytes, 11, AT(area))), puts(bytes);
  tell("write", pwrite(fd, "other", 5, AT(area))), puts(area);
  tell("up to a hole", pread(fd, bytes, 20000, AT(area + 100))), tell("a hole", pread(fd, bytes, 100, AT(area + 8192))), tell("write up to a hole", pwrite(fd, bytes, 10000, AT(area + 8000))), tell("write to a hole", pwrite(fd, bytes, 1, AT(area + 8192)));
  tell("nothing of a hole", pread(fd, bytes, 0, AT(area + 8192))), tell("nothing to it", pwrite(fd, bytes, 0, AT(area + 8192)));
  tell("the first page", pread(fd, bytes, 1, 0)), tell("below it", pread(fd, bytes, 1, -4096)), tell("kernel's", pread(fd, bytes, 1, 0x7ffffffffffff000)), tell("past the user's", pread(fd, bytes, 1, 1L << 47)), tell("write there", pwrite(fd, bytes, 1, 1L << 47));
  tell("to nowhere", pread(fd, (void *)8, 10, AT(area))), tell("from nowhere", pwrite(fd, (void *)8, 10, AT(area))), tell("neither", pread(fd, (void *)8, 10, 0)), tell("neither way", pwrite(fd, (void *)8, 10, 0));
  mprotect(area, 4096, PROT_NONE), mprotect(area + 4096, 4096, PROT_READ);
  tell("no permission", pread(fd, bytes, 11, AT(area))), puts(bytes), tell("write without", pwrite(fd, "forced", 7, AT(area + 4))), tell("write what is to be read", pwrite(fd, "too", 4, AT(area + 4096)));
  mprotect(area, 4096, PROT_READ), puts(area), puts(area + 4096);
  tell("a constant", pwrite(fd, "A CON", 5, AT(constant))), check(memcmp(unknown, "A CON", 5) == 0, "has changed");
  unsigned char patched[] = {0xb8, 43, 0, 0, 0, 0xc3};
  int before = answer(), (*volatile function)(void) = answer;
  tell("code", pwrite(fd, patched, 6, AT(answer))), printf("%d %d\n", before, function());
  int seen = opened(0, O_RDONLY), blind = opened(0, O_WRONLY);
  tell("only to read", pwrite(seen, "x", 1, AT(area))), tell("only to write", pread(blind, bytes, 1, AT(area))), tell("written", pwrite(blind, "w", 1, AT(area)));
}
static void shared(void) {
  int fd = opened(0, O_RDWR), file = memfd_create("m", 0);
  char bytes[10000], *writable, *fixed, *copied;
  ftruncate(file, 5000);
  writable = mapped(12288, PROT_READ | PROT_WRITE, MAP_SHARED, file), fixed = mapped(4096, PROT_READ, MAP_SHARED, file), copied = mapped(4096, PROT_READ, MAP_PRIVATE, file);
  strcpy(writable, "shared");
  tell("shared", pread(fd, bytes, 7, AT(fixed))), puts(bytes), tell("write", pwrite(fd, "SHA", 3, AT(writable))), puts(fixed), tell("read-only", pwrite(fd, "x", 1, AT(fixed)));
  tell("of the file", pread(file, bytes, 7, 0)), puts(bytes);
  tell("a copy", pwrite(fd, "copied", 7, AT(copied))), puts(copied), puts(fixed);
  tell("the end of the file", pread(fd, bytes, 10000, AT(writable))), tell("past it", pread(fd, bytes, 1, AT(writable + 8192))), tell("write past it", pwrite(fd, bytes, 1, AT(writable + 8192)));
}
static void ways(void) {
  int fd = opened(0, O_RDWR | O_APPEND), file = memfd_create("m", 0), ends[2];
  char *area = mapped(8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), bytes[100] = "";
  struct iovec in[] = {{bytes, 3}, {bytes + 10, 0}, {bytes + 20, 4}}, out[] = {{"abc", 3}, {"", 0}, {"defg", 4}};
  munmap(area + 4096, 4096);
  check(lseek(fd, AT(area), SEEK_SET) == AT(area), "place"), tell("writev", writev(fd, out, 3)), puts(area), check(lseek(fd, 0, SEEK_CUR) == AT(area + 7), "and on");
  lseek(fd, -6, SEEK_CUR), tell("readv", readv(fd, in, 3)), puts(bytes), puts(bytes + 20), tell("rest", read(fd, bytes, 0)), tell("write", write(fd, "X", 1)), puts(area + 7);
  tell("pwritev", pwritev(fd, out, 3, AT(area + 4092))), tell("preadv", preadv(fd, in, 3, AT(area + 4090))), tell("none", preadv(fd, in, 3, AT(area + 4096))), tell("pwritev2", pwritev2(fd, out, 1, AT(area), 0)), tell("preadv2", preadv2(fd, in, 1, AT(area), 0)), tell("flags", preadv2(fd, in, 1, AT(area), RWF_NOWAIT));
  tell("end", lseek(fd, 0, SEEK_END)), tell("data", lseek(fd, 0, SEEK_DATA)), tell("hole", lseek(fd, 0, SEEK_HOLE)), tell("whence", lseek(fd, 0, 9)), check(lseek(fd, -4096L * 1024, SEEK_SET) == -4096L * 1024, "a place of the kernel"), tell("read there", read(fd, bytes, 1)), tell("write there", write(fd, bytes, 1));
  pipe(ends), lseek(fd, AT(area), SEEK_SET), write(file, "file", 4), write(ends[1], "pipe", 4);
  off_t low = 100;
  tell("sendfile", sendfile(file, fd, NULL, 10)), tell("from below", sendfile(file, fd, &low, 10)), tell("splice", splice(fd, NULL, ends[1], NULL, 10, SPLICE_F_NONBLOCK)), tell("copy", copy_file_range(fd, NULL, file, NULL, 10, 0));
  int plain = opened(0, O_RDWR);
  off_t to = AT(area), start = 0;
  tell("sendfile to it", sendfile(plain, file, &start, 4)), tell("splice to it", splice(ends[0], NULL, plain, &to, 4, SPLICE_F_NONBLOCK));
  struct stat status;
  fstat(fd, &status), printf("%o %ld\n", status.st_mode, (long)status.st_size);
  struct pollfd polled = {fd, POLLIN | POLLOUT};
  tell("poll", poll(&polled, 1, 0)), printf("%x\n", polled.revents), tell("map", (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0)), works("truncating", opened(0, O_RDWR | O_TRUNC));
}
static int told[2], asked[2];
static void say(int fd) { write(fd, "x", 1); }
static void hear(int fd) { char one; read(fd, &one, 1); }
static void as(int user, int child) {
  if (fork() == 0) {
    setresuid(user, user, user);
    works("to read", opened(child, O_RDONLY)), works("to write", opened(child, O_RDWR)), exit(0);
  }
  wait(NULL);
}
static void others(void) {
  char *area = mapped(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1), bytes[100] = "";
  pipe(told), pipe(asked), strcpy(area, "the parent's");
  pid_t child = fork();
  if (child == 0) {
    setresuid(1000, 1000, 1000), prctl(PR_SET_DUMPABLE, 1), strcpy(area, "the child's");
    say(told[1]), hear(asked[0]);
    puts(area), fflush(stdout), prctl(PR_SET_DUMPABLE, 0);
    say(told[1]), hear(asked[0]);
    prctl(PR_SET_DUMPABLE, 1), dup2(told[1], 100), dup2(asked[0], 101);
    char *const next[] = {"next", "again", NULL};
    execve("/proc/self/exe", next, next + 2);
  }
  hear(told[0]);
  int fd = opened(child, O_RDWR);
  tell("a child's", pread(fd, bytes, 12, AT(area))), puts(bytes), tell("write", pwrite(fd, "what it is told", 16, AT(area))), puts(area), fflush(stdout);
  as(1000, child), as(1001, child);
  say(asked[1]), hear(told[0]);
  as(1000, child), works("root", opened(child, O_RDWR));
  say(asked[1]), hear(told[0]);
  tell("executed anew", pread(fd, bytes, 1, AT(area))), tell("nor to write", pwrite(fd, bytes, 1, AT(area)));
  int anew = opened(child, O_RDWR);
  tell("opened anew", pread(anew, bytes, 1, AT(constant))), as(1000, child);
  say(asked[1]), waitid(P_PID, child, NULL, WEXITED | WNOWAIT);
  tell("dead", pread(anew, bytes, 1, AT(constant))), tell("nor to write", pwrite(anew, bytes, 1, AT(constant))), works("of the dead", opened(child, O_RDONLY));
  waitpid(child, NULL, 0), tell("gone", pread(anew, bytes, 1, AT(constant))), works("of nobody", opened(child, O_RDONLY));
}
int main(int argc, char **argv) {
  if (argc == 2) {
    say(100), hear(101);
    return 0;
  }
  own(), shared(), ways(), others();
  return 0;
}
