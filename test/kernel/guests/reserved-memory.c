// What mmap(2) sets memory aside for at once, and so refuses where the machine has not that much (proc_sys_vm(5), overcommit_memory 0): what is private and can be written, or shared and no file's.
#include "check.h"

static const long much = 1L << 43;
static void map(const char *what, int protection, int flags, int file) {
  void *area = mmap(NULL, much, protection, flags, file, 0);
  works(what, (long)area);
  if (area != MAP_FAILED) munmap(area, much);
}
int main(void) {
  int file = open("file", O_RDWR | O_CREAT, 0600), own = MAP_PRIVATE | MAP_ANONYMOUS, shared = MAP_SHARED | MAP_ANONYMOUS;
  map("no access", PROT_NONE, own, -1), map("to read", PROT_READ, own, -1), map("to execute", PROT_EXEC, own, -1), map("to write", PROT_READ | PROT_WRITE, own, -1), map("not reserved", PROT_READ | PROT_WRITE, own | MAP_NORESERVE, -1);
  map("shared", PROT_NONE, shared, -1), map("shared to write", PROT_READ | PROT_WRITE, shared, -1), map("shared, not reserved", PROT_READ | PROT_WRITE, shared | MAP_NORESERVE, -1);
  map("a file", PROT_READ, MAP_PRIVATE, file), map("a file's copy", PROT_READ | PROT_WRITE, MAP_PRIVATE, file), map("a file's copy, not reserved", PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, file), map("a file to write", PROT_READ | PROT_WRITE, MAP_SHARED, file);
  return unlink("file");
}
