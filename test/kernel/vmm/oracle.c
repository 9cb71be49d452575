// Performs the calls that native-calls.txt lists, on Linux, and prints each with its result: gcc -static -o oracle oracle.c && ./oracle < native-calls.txt
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct { const char *name; long number; } calls[] = {
  {"mmap", SYS_mmap}, {"munmap", SYS_munmap}, {"mprotect", SYS_mprotect}, {"mremap", SYS_mremap}, {"madvise", SYS_madvise}, {"msync", SYS_msync},
  {"mlock", SYS_mlock}, {"munlock", SYS_munlock}, {"mlock2", SYS_mlock2}, {"mlockall", SYS_mlockall}, {"munlockall", SYS_munlockall}, {"mincore", SYS_mincore},
};
static const char *errno_name(int n) {
  const char *name = strerrorname_np(n);
  return name ? name : "?";
}
int main(void) {
  char line[256], copy[256];
  // 3: a file for reading and writing, 4: for reading, 5: for writing, 6: a directory, 7: a pipe, 8: /dev/zero, 9: for appending
  char path[] = "/tmp/oracleXXXXXX";
  int file = mkstemp(path);
  if (ftruncate(file, 10000)) return 1;
  dup2(file, 30);
  close(file);
  int fds[2];
  if (pipe(fds)) return 1;
  dup2(fds[0], 37);
  close(fds[0]);
  close(fds[1]);
  dup2(30, 3);
  open(path, O_RDONLY);
  open(path, O_WRONLY);
  open("/", O_RDONLY | O_DIRECTORY);
  dup2(37, 7);
  open("/dev/zero", O_RDWR);
  open(path, O_RDWR | O_APPEND);
  unlink(path);
  static char residency[1 << 16];
  while (fgets(line, sizeof line, stdin)) {
    char *end = strstr(line, " = ");
    if (end) *end = 0;
    line[strcspn(line, "\n")] = 0;
    strcpy(copy, line);
    char *name = strtok(copy, " ");
    if (!name || *name == '#') { printf("%s\n", line); continue; }
    long args[6] = {0};
    char *word;
    for (int i = 0; (word = strtok(NULL, " ")); i++) args[i] = strtoul(word, NULL, 0);
    long number = -1;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) if (!strcmp(calls[i].name, name)) number = calls[i].number;
    if (number == SYS_mincore) args[2] = (long)residency;
    long result = syscall(number, args[0], args[1], args[2], args[3], args[4], args[5]);
    if (result == -1) printf("%s = %s\n", line, errno_name(errno));
    else if (number == SYS_mmap && args[0] == 0) printf("%s = somewhere\n", line);
    else printf("%s = %#lx\n", line, result);
  }
}
