// PR_SET_MM: a program says where its arguments and environment lie, and /proc/PID/cmdline and environ show what is there.
#include "check.h"
#include <sys/prctl.h>

static char bytes[1 << 14];
static void show(const char *name) {
  char path[64];
  sprintf(path, "/proc/self/%s", name);
  int fd = open(path, O_RDONLY);
  long length = read(fd, bytes, sizeof bytes);
  printf("%s: %ld ", name, length), close(fd);
  for (long i = 0; i < length && i < 60; i++) bytes[i] ? putchar(bytes[i]) : printf("\\0");
  putchar('\n'), fflush(stdout);
}
static void show_both(const char *what) { puts(what), show("cmdline"), show("environ"); }
static long set(int what, uintptr_t address) { return prctl(PR_SET_MM, what, address, 0, 0); }
int main(int argc, char **argv) {
  if (argc == 1) {
    char *const next[] = {"first", "second", NULL}, *const environment[] = {"FIRST=1", NULL};
    execve("/proc/self/exe", next, environment);
  }
  char *area = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  uintptr_t low = (uintptr_t)area;
  strcpy(area, "an area"), strcpy(area + 4000, "its=environment");
  if (set(PR_SET_MM_ARG_START, (uintptr_t)argv[0]) == -1 && errno == EPERM) return not_compared("CAP_SYS_RESOURCE for it");
  tell("an end before the start", set(PR_SET_MM_ARG_END, low)), tell("a start", set(PR_SET_MM_ARG_START, low)), tell("its end", set(PR_SET_MM_ARG_END, low + 8));
  tell("environment", set(PR_SET_MM_ENV_START, low + 4000)), tell("its end", set(PR_SET_MM_ENV_END, low + 4016)), show_both("elsewhere");
  tell("a start after the end", set(PR_SET_MM_ARG_START, low + 9)), tell("no bytes", set(PR_SET_MM_ARG_START, low + 8)), show_both("none"), tell("a start", set(PR_SET_MM_ARG_START, low));
  area[7] = '!', strcpy(area + 8, " and on");
  show_both("not into an environment that lies apart");
  tell("next to it", set(PR_SET_MM_ENV_START, low + 8)), show_both("into it");
  memset(area, 'a', 8192), show_both("a page at most");
  munmap(area, 4096), show_both("gone");
  tell("too low", set(PR_SET_MM_ARG_START, 8)), tell("too high", set(PR_SET_MM_ARG_END, 1UL << 47)), tell("unknown", set(100, low));
  tell("a length", prctl(PR_SET_MM, PR_SET_MM_ARG_START, low, 1, 0)), tell("more", prctl(PR_SET_MM, PR_SET_MM_ARG_START, low, 0, 1));
  if (fork() == 0) {
    show_both("a child's");
    setresuid(1000, 1000, 1000), tell("not root", set(PR_SET_MM_ARG_START, low)), tell("nor a length", prctl(PR_SET_MM, PR_SET_MM_ARG_START, low, 1, 0));
    exit(0);
  }
  wait(NULL);
  return 0;
}
