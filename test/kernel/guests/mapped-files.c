// A file that is mapped shared and changed by calls, too: each side sees what the other did, and nothing is lost.
#include "check.h"
#include <setjmp.h>

static sigjmp_buf back;
static void fault(int signal) { siglongjmp(back, signal); }
static int touch(volatile char *at) {
  int signal = sigsetjmp(back, 1);
  return signal ? -signal : *at;
}
int main(void) {
  int file = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0600), reader = open("mapped", O_RDONLY);
  char text[20] = "";
  signal(SIGBUS, fault), signal(SIGSEGV, fault);
  ftruncate(file, 12288);
  char *shared = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), *second = mmap(NULL, 4096, PROT_READ, MAP_SHARED, reader, 4096);
  printf("%d %d\n", shared[0], second[0]);
  pwrite(file, "written", 7, 0), pwrite(file, "across", 6, 4093), printf("%s %.3s%.3s %.3s\n", shared, shared + 4093, shared + 4096, second);
  memcpy(shared + 1, "RI", 2), pwrite(file, "EN", 2, 5), pread(file, text, 7, 0), printf("%s %s\n", text, shared);
  if (fork() == 0) {
    pwrite(file, "child", 5, 0), shared[4096] = 'X', exit(0);
  }
  wait(NULL), pread(file, text, 7, 0), printf("%s %s %.3s\n", text, shared, second);
  struct { char *base; long length; } parts[] = {{"par", 3}, {"ts", 2}};
  lseek(file, 8000, SEEK_SET), writev(file, (void *)parts, 2), printf("%s\n", shared + 8000), read(file, text, 0);
  tell("shorter", ftruncate(file, 5000)), printf("%d %d %d\n", touch(shared + 4999), touch(shared + 8191), touch(shared + 8192));
  shared[5500] = 'z', tell("longer", ftruncate(file, 12288)), printf("%d %d %d\n", touch(shared + 4097), touch(shared + 8000), touch(shared + 8192));
  memset(shared, 'm', 12288), tell("hole", fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100, 8000)), printf("%d %d %d %d\n", shared[99], shared[100], shared[8099], shared[8100]);
  pread(file, text, 3, 99), printf("%d %d\n", text[0], text[1]);
  tell("remove", madvise(shared + 8192, 4096, MADV_REMOVE)), pread(file, text, 2, 8191), printf("%d %d %d\n", text[0], text[1], shared[8192]), tell("not to write", madvise(second, 4096, MADV_REMOVE)), tell("private", madvise(text - (long)text % 4096, 4096, MADV_REMOVE));
  char *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), *own = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  memset(memory, 'k', 8192), tell("of memory", madvise(memory, 4096, MADV_REMOVE)), printf("%d %d\n", memory[0], memory[4096]), mlock(memory, 4096), tell("locked", madvise(memory, 4096, MADV_REMOVE)), tell("a private file", madvise(own, 4096, MADV_REMOVE));
  close(open("mapped", O_RDWR | O_TRUNC)), printf("%d\n", touch(shared)), pwrite(file, "again", 5, 0), printf("%s %d\n", shared, touch(shared + 4096));
  // A changed copy of what lies behind the new end is gone as well; one before it stays.
  char *copies = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  ftruncate(file, 8192), memset(copies, 'p', 8192), ftruncate(file, 4096), printf("%d %d\n", touch(copies), touch(copies + 4096));
  ftruncate(file, 8192), printf("%d %d\n", touch(copies), touch(copies + 4096)), munmap(copies, 8192), ftruncate(file, 5);
  munmap(shared, 12288), munmap(second, 4096), pwrite(file, "alone", 5, 0), shared = mmap(NULL, 4096, PROT_READ, MAP_SHARED, reader, 0), printf("%s\n", shared), pwrite(file, "once", 4, 0), printf("%s\n", shared);
  return unlink("mapped");
}
