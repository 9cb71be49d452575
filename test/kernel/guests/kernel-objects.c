// What tasks share and how they stand: kcmp, ioprio, unshare and setns; and old calls about devices and quotas.
#include "check.h"
#include <linux/kcmp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>

static long kcmp(pid_t one, pid_t other, int type, unsigned long a, unsigned long b) { return syscall(SYS_kcmp, one, other, type, a, b); }
static long get(int which, int who) { return syscall(SYS_ioprio_get, which, who); }
static long set(int which, int who, int value) { return syscall(SYS_ioprio_set, which, who, value); }
// Only whether they are the same: the order is the kernel's own.
static void same(const char *what, long answer) {
  if (answer > 0) printf("%s: others\n", what);
  else tell(what, answer);
}
static void compare(void) {
  int ends[2], twin = dup(0), file = open("/proc/self/exe", O_RDONLY), again = open("/proc/self/exe", O_RDONLY);
  pipe(ends);
  pid_t me = getpid(), child = fork();
  if (child == 0) for (;;) pause();
  same("copied descriptor", kcmp(me, me, KCMP_FILE, 0, twin)), same("opened twice", kcmp(me, me, KCMP_FILE, file, again)), same("in the child", kcmp(me, child, KCMP_FILE, file, file));
  check(kcmp(me, me, KCMP_FILE, file, again) + kcmp(me, me, KCMP_FILE, again, file) == 3, "an order");
  tell("no descriptor", kcmp(me, me, KCMP_FILE, 99, 0)), tell("no process", kcmp(me, 999999, KCMP_FILE, 0, 0)), tell("no type", kcmp(me, me, 8, 0, 0)), tell("no slot", kcmp(me, me, KCMP_EPOLL_TFD, 99, 0)), tell("none of them", kcmp(me, 999999, 8, 0, 0));
  same("memory", kcmp(me, child, KCMP_VM, 0, 0)), same("own memory", kcmp(me, me, KCMP_VM, 0, 0)), same("tables", kcmp(me, child, KCMP_FILES, 0, 0)), same("places", kcmp(me, child, KCMP_FS, 0, 0));
  same("handlers", kcmp(me, child, KCMP_SIGHAND, 0, 0)), same("undos", kcmp(me, child, KCMP_SYSVSEM, 0, 0));
  int epoll = epoll_create1(0);
  struct epoll_event event = {EPOLLIN};
  struct kcmp_epoll_slot slot = {epoll, ends[0], 0};
  tell("nothing watched", kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot)), epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event);
  tell("watched", kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot)), same("another", kcmp(me, me, KCMP_EPOLL_TFD, ends[1], (long)&slot));
  slot.toff = 1, tell("no second", kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot)), slot.efd = ends[0], tell("no epoll", kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot));
  slot.efd = 99, tell("no file", kcmp(me, me, KCMP_EPOLL_TFD, ends[0], (long)&slot)), tell("no slot", kcmp(me, me, KCMP_EPOLL_TFD, ends[0], 8));
  kill(child, SIGKILL), waitpid(child, NULL, 0);
}
static void *in_thread(void *result) {
  struct stat here;
  long *answers = result;
  answers[0] = syscall(SYS_unshare, CLONE_FS | CLONE_FILES) == -1 ? errno : 0;
  chdir("/"), close(1), answers[1] = kcmp(getpid(), syscall(SYS_gettid), KCMP_FS, 0, 0) > 0, answers[2] = kcmp(getpid(), syscall(SYS_gettid), KCMP_FILES, 0, 0) > 0;
  answers[3] = kcmp(getpid(), syscall(SYS_gettid), KCMP_VM, 0, 0) == 0, answers[4] = syscall(SYS_unshare, CLONE_VM) == -1 ? errno : 0, answers[5] = syscall(SYS_unshare, CLONE_THREAD) == -1 ? errno : 0;
  return NULL;
}
static void unshares(void) {
  long answers[6];
  char before[200], after[200];
  pthread_t thread;
  tell("nothing", syscall(SYS_unshare, 0)), tell("no flag", syscall(SYS_unshare, 1)), tell("handlers", syscall(SYS_unshare, CLONE_SIGHAND)), tell("memory", syscall(SYS_unshare, CLONE_VM)), tell("undos", syscall(SYS_unshare, CLONE_SYSVSEM));
  getcwd(before, 200), pthread_create(&thread, NULL, in_thread, answers), pthread_join(thread, NULL), getcwd(after, 200);
  printf("%s %d %d %d %d %d\n", answers[0] ? "fails" : "ok", (int)answers[1], (int)answers[2], (int)answers[3], answers[4] == EINVAL, answers[5] == EINVAL);
  check(strcmp(before, after) == 0, "where it was");
  tell("no descriptor", syscall(SYS_setns, 99, 0)), tell("no namespace", syscall(SYS_setns, 0, 0));
  if (fork() == 0) {
    setresuid(1000, 1000, 1000);
    tell("not allowed", syscall(SYS_unshare, CLONE_NEWUTS)), tell("nor this", syscall(SYS_unshare, CLONE_NEWNS | CLONE_FILES)), exit(0);
  }
  wait(NULL);
}
static void priorities(void) {
  setpgid(0, 0), tell("at first", get(1, 0)), tell("of the group", get(2, 0));
  setpriority(PRIO_PROCESS, 0, 10), tell("niceness does not count", get(1, 0)), tell("but counts for several", get(2, 0));
  tell("best effort", set(1, 0, 2 << 13 | 3)), tell("told", get(1, getpid())), tell("of all", get(2, getpgrp()));
  tell("idle", set(1, 0, 3 << 13)), tell("told", get(1, 0)), tell("real time", set(1, 0, 1 << 13 | 4)), tell("told", get(1, 0));
  tell("none with a level", set(1, 0, 1)), tell("no class", set(1, 0, 4 << 13)), tell("no whom", set(9, 0, 0)), tell("nobody", set(1, 999999, 0)), tell("no group", set(2, 999999, 0)), tell("no user", get(3, 54321)), tell("no whom", get(0, 0));
  if (fork() == 0) {
    tell("inherited", get(1, 0)), setresuid(1000, 1000, 1000);
    tell("real time", set(1, 0, 1 << 13)), tell("another's", set(1, getppid(), 2 << 13)), tell("its own", set(1, 0, 2 << 13 | 7)), tell("seen", get(1, getppid())), exit(0);
  }
  wait(NULL), tell("none again", set(1, 0, 0)), tell("told", get(1, 0));
}
static void old(void) {
  char name[64] = "";
  struct { int free; unsigned long inodes; char names[12]; } told = {-1};
  struct stat place;
  tell("no such option", syscall(SYS_sysfs, 4, 0, 0)), tell("no such type", syscall(SYS_sysfs, 1, "chronixfs", 0)), tell("no such number", syscall(SYS_sysfs, 2, 9999, name));
  long index = syscall(SYS_sysfs, 1, "proc", 0);
  tell("by number", syscall(SYS_sysfs, 2, index, name)), puts(name), check(syscall(SYS_sysfs, 3, 0, 0) > index, "counted"), tell("no name", syscall(SYS_sysfs, 1, 8, 0));
  stat("/tmp", &place), tell("ustat", syscall(SYS_ustat, (unsigned)place.st_dev, &told)), check(told.free >= 0 && told.names[0] == 0, "free");
  tell("no device", syscall(SYS_ustat, 0xfffe, &told)), tell("nowhere", syscall(SYS_ustat, (unsigned)place.st_dev, 8)), tell("neither", syscall(SYS_ustat, 0xfffe, 8));
  tell("quota of nothing", syscall(SYS_quotactl, 0x80000700, NULL, 0, NULL)), tell("kind", syscall(SYS_quotactl, 0x80000703, NULL, 0, NULL)), tell("sync", syscall(SYS_quotactl, 0x80000100, NULL, 0, NULL));
  tell("no path", syscall(SYS_quotactl, 0x80000700, "/nowhere", 0, NULL)), tell("no device", syscall(SYS_quotactl, 0x80000700, "/tmp", 0, NULL)), tell("no string", syscall(SYS_quotactl, 0x80000700, 8, 0, NULL));
  tell("no descriptor", syscall(SYS_quotactl_fd, 99, 0x80000700, 0, NULL));
  int nowhere[] = {134, 156, 174, 177, 178, 180, 181, 182, 183, 184, 185, 205, 211, 212, 214, 215, 236};
  for (int i = 0; i < 17; i++) tell("nowhere", syscall(nowhere[i], 0, 0, 0, 0, 0, 0));
}
int main(void) {
  compare(), unshares(), priorities(), old();
  return 0;
}
