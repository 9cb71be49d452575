// What happens in a directory is told by a signal (fcntl(2), F_NOTIFY).
#include "check.h"

static volatile int count, fds[64], codes[64], bands[64], signals[64];
static void note(int signal, siginfo_t *info, void *_) {
  if (count < 64) signals[count] = signal, fds[count] = info->si_fd, codes[count] = info->si_code, bands[count] = info->si_band, count++;
}
static int folder, other;
static void news(const char *what) {
  printf("%s: %d", what, count);
  for (int i = 0; i < count; i++) printf(signals[i] == SIGIO ? " SIGIO" : " %s/%d/%x", fds[i] == folder ? "folder" : fds[i] == other ? "other" : "?", codes[i], bands[i]);
  puts(""), fflush(stdout), count = 0;
}
static long watch(int fd, unsigned events) { return fcntl(fd, F_NOTIFY, events); }
#define EACH(what, events) watch(folder, events), what, news(#what)
int main(void) {
  struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGIO, &action, NULL), sigaction(SIGRTMIN + 1, &action, NULL);
  mkdir("folder", 0700), mkdir("other", 0700), mkdir("folder/inside", 0700);
  folder = open("folder", O_RDONLY), other = open("other", O_RDONLY);
  char byte = 0;
  tell("a file", watch(open("file", O_CREAT | O_RDWR, 0600), DN_MODIFY)), tell("not open", watch(99, DN_MODIFY)), tell("nothing", watch(folder, 0));
  tell("watch", watch(folder, DN_CREATE));
  int file = open("folder/a", O_CREAT | O_RDWR, 0600);
  news("made, by SIGIO"), close(open("folder/b", O_CREAT | O_RDWR, 0600)), news("only once");
  fcntl(folder, F_SETSIG, SIGRTMIN + 1), fcntl(other, F_SETSIG, SIGRTMIN + 1);
  EACH(close(open("folder/c", O_CREAT | O_RDWR, 0600)), DN_CREATE);
  EACH(write(file, "x", 1), DN_MODIFY), EACH(ftruncate(file, 0), DN_MODIFY), EACH(pwrite(file, "xy", 2, 0), DN_CREATE | DN_ACCESS | DN_ATTRIB | DN_DELETE | DN_RENAME);
  EACH(pread(file, &byte, 1, 0), DN_MODIFY), EACH(pread(file, &byte, 1, 0), DN_ACCESS);
  watch(folder, 0), EACH(chmod("folder/a", 0644), DN_ATTRIB), EACH(chmod("folder", 0755), DN_ATTRIB), EACH(chmod("folder/inside", 0755), DN_ATTRIB);
  watch(folder, 0), EACH(rename("folder/a", "folder/d"), DN_RENAME), EACH(rename("folder/d", "folder/a"), DN_CREATE | DN_MULTISHOT), watch(folder, 0);
  EACH(rename("folder/a", "folder/d"), DN_DELETE), watch(folder, 0), EACH(rename("folder/d", "folder/a"), DN_DELETE | DN_CREATE | DN_RENAME | DN_MULTISHOT);
  EACH(unlink("folder/b"), DN_CREATE), EACH(link("folder/a", "folder/b"), DN_CREATE), EACH(symlink("a", "folder/l"), 0), watch(folder, 0);
  watch(folder, DN_RENAME | DN_DELETE | DN_MULTISHOT), watch(other, DN_RENAME | DN_CREATE | DN_MULTISHOT);
  rename("folder/b", "other/b"), news("to another"), rename("other/b", "folder/b"), news("back"), mkdir("other/made", 0700), news("a directory"), rmdir("other/made"), news("removed");
  close(open("folder/inside/deep", O_CREAT | O_RDWR, 0600)), unlink("folder/inside/deep"), news("deeper down");
  watch(folder, 0), watch(other, 0);
  // Two open files of one directory, and who asked last is told first; a copy of the descriptor says that it is the one now.
  int second = open("folder", O_RDONLY), copy = dup(folder);
  fcntl(second, F_SETSIG, SIGRTMIN + 1), watch(folder, DN_CREATE | DN_MULTISHOT), watch(second, DN_CREATE | DN_MULTISHOT);
  mknod("folder/p", S_IFIFO | 0600, 0), news("both"), close(second), mknod("folder/q", S_IFIFO | 0600, 0), news("one is closed");
  watch(copy, DN_DELETE), unlink("folder/p"), news("by the copy"), close(copy), unlink("folder/q"), news("any of its descriptors is closed");
  if (fork() == 0) {
    watch(folder, DN_CREATE | DN_MULTISHOT), close(open("folder/child", O_CREAT, 0600)), exit(0);
  }
  wait(NULL), news("asked by a child, told to who was named first");
  watch(folder, DN_CREATE | DN_MULTISHOT), fcntl(folder, F_SETOWN, 0), close(open("folder/x", O_CREAT, 0600)), news("to nobody");
  return 0;
}
