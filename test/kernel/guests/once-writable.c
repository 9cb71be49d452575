// Private memory that could be written once stays an area of its own (proc_pid_maps(5)), and what was copied of a file's pages stays anonymous: debuggers write such areas into their core files.
#include "check.h"

static void show(const char *what, char *from, long length) {
  FILE *maps = fopen("/proc/self/smaps", "r");
  char line[512], flags[100];
  int is_inside = 0, size;
  printf("%s:", what);
  while (fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    char access[8];
    if (sscanf(line, "%lx-%lx %7s", &start, &end, access) == 3) {
      is_inside = start < (unsigned long)from + length && end > (unsigned long)from;
      if (is_inside) printf(" %lu %s", (end - start) / 4096, access);
    }
    if (is_inside && sscanf(line, "Anonymous: %d", &size) == 1) printf(size ? " own" : " none");
    if (is_inside && strncmp(line, "VmFlags:", 8) == 0) printf(strstr(line, " ac") ? " set aside," : ",");
  }
  printf("\n"), fclose(maps);
}
int main(void) {
  int file = open("file", O_RDWR | O_CREAT, 0600);
  ftruncate(file, 12288);
  char *pages = mmap(NULL, 12288, PROT_READ, MAP_PRIVATE, file, 0);
  show("a file", pages, 12288), mprotect(pages + 4096, 4096, PROT_READ | PROT_WRITE), pages[4096] = 1, show("written", pages, 12288);
  mprotect(pages + 4096, 4096, PROT_READ), show("read only", pages, 12288), mprotect(pages, 12288, PROT_NONE), show("no access", pages, 12288);
  munmap(pages, 12288), pages = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), memset(pages, 1, 12288);
  show("memory", pages, 12288), mprotect(pages + 4096, 4096, PROT_READ), show("one read only", pages, 12288), mprotect(pages + 4096, 4096, PROT_READ | PROT_WRITE), show("and back", pages, 12288);
  if (fork() == 0) mprotect(pages, 4096, PROT_READ), show("in a child", pages, 12288), _exit(0);
  wait(NULL), munmap(pages, 12288), pages = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), mprotect(pages + 4096, 4096, PROT_READ), mprotect(pages + 4096, 4096, PROT_READ | PROT_WRITE), show("shared", pages, 12288), mprotect(pages + 4096, 4096, PROT_READ), mprotect(pages, 12288, PROT_READ), show("shared, read only", pages, 12288);
  return unlink("file");
}
