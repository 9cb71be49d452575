// What only the superuser may: swapping, process accounting, ports, another root; and the table of descriptors that a process has none of.
#include "check.h"
#include <asm/ldt.h>
#include <linux/acct.h>
#include <sys/prctl.h>
#include <sys/mount.h>

static void swapping(void) {
  int file = open("swapfile", O_CREAT | O_RDWR, 0600);
  tell("flags", syscall(SYS_swapon, "none", 0x7fffffff)), tell("not there", syscall(SYS_swapon, "none", 0)), tell("a directory", syscall(SYS_swapon, ".", 0)), tell("empty", syscall(SYS_swapon, "swapfile", 0)), ftruncate(file, 1 << 20), tell("zeros", syscall(SYS_swapon, "swapfile", 0)), tell("a device", syscall(SYS_swapon, "/dev/null", 0)), tell("nowhere", syscall(SYS_swapon, 8, 0));
  tell("not there", syscall(SYS_swapoff, "none")), tell("not swapped to", syscall(SYS_swapoff, "swapfile")), tell("a directory", syscall(SYS_swapoff, ".")), tell("nowhere", syscall(SYS_swapoff, 8)), close(file), unlink("swapfile");
}
// A kernel may have been built without ports; else they are for who may have them, or for nobody.
static void port(const char *what, long answer, int errno_, int expected, int isPrivileged) { check(errno_ == ENOSYS || (answer == -1 ? errno_ : 0) == expected || (isPrivileged && answer == 0), what); }
static void ports(int isPrivileged) {
  long answer;
  errno = 0, answer = syscall(SYS_iopl, 4), port("level", answer, errno, EINVAL, 0), errno = 0, answer = syscall(SYS_iopl, 0), port("as it is", answer, errno, 0, 0), errno = 0, answer = syscall(SYS_ioperm, 0x80, 0, 1), port("no ports", answer, errno, EINVAL, 0), errno = 0, answer = syscall(SYS_ioperm, 65535, 2, 1), port("too many", answer, errno, EINVAL, 0), errno = 0, answer = syscall(SYS_ioperm, -1l, 2, 1), port("around", answer, errno, EINVAL, 0), errno = 0, answer = syscall(SYS_ioperm, 0x80, 1, 0), port("not these", answer, errno, 0, 0);
  errno = 0, answer = syscall(SYS_ioperm, 0x80, 1, 1), port("these", answer, errno, EPERM, isPrivileged), errno = 0, answer = syscall(SYS_iopl, 3), port("all", answer, errno, EPERM, isPrivileged);
}
static void show_ldt(const char *what, long answer) { printf("%s: %lx\n", what, answer), fflush(stdout); }
static void descriptors(void) {
  static char table[70000];
  struct user_desc entry = {0};
  memset(table, 1, sizeof table);
  show_ldt("none", syscall(SYS_modify_ldt, 0, table, 100)), show_ldt("nowhere, but none", syscall(SYS_modify_ldt, 0, NULL, 0)), show_ldt("default", syscall(SYS_modify_ldt, 2, table, 200)), printf("%d %d %d\n", table[0], table[127], table[128]), show_ldt("less", syscall(SYS_modify_ldt, 2, table, 4)), show_ldt("no function", syscall(SYS_modify_ldt, 7, table, 100));
  show_ldt("short", syscall(SYS_modify_ldt, 1, &entry, 4)), entry.entry_number = 8192, show_ldt("no such entry", syscall(SYS_modify_ldt, 0x11, &entry, sizeof entry)), entry.entry_number = 1, entry.contents = 3, show_ldt("gate, old", syscall(SYS_modify_ldt, 1, &entry, sizeof entry)), show_ldt("gate, present", syscall(SYS_modify_ldt, 0x11, &entry, sizeof entry));
  memset(&entry, 0, sizeof entry), entry.entry_number = 2, entry.read_exec_only = entry.seg_not_present = 1;
  show_ldt("cleared", syscall(SYS_modify_ldt, 0x11, &entry, sizeof entry)), show_ldt("the table", syscall(SYS_modify_ldt, 0, table, 100)), printf("%d %d\n", table[0], table[99]), show_ldt("all of it", syscall(SYS_modify_ldt, 0, table, sizeof table));
  if (fork() == 0) show_ldt("inherited", syscall(SYS_modify_ldt, 0, table, 24)), exit(0);
  wait(NULL);
}
static void show_record(const char *what, struct acct_v3 *record, int pid) {
  printf("%s: flags %x version %d terminal %d status %x user %u group %u own %d parent %d begin %d elapsed %d memory %d name %.7s\n", what, record->ac_flag & ~ASU, record->ac_version, record->ac_tty > 0 ? 1 : 0, record->ac_exitcode, record->ac_uid, record->ac_gid, record->ac_pid == pid, record->ac_ppid == getpid(), record->ac_btime + 5 >= time(NULL) && record->ac_btime <= time(NULL), record->ac_etime < 600, record->ac_mem > 0, record->ac_comm);
}
static void accounting(char *self) {
  int file = open("records", O_CREAT | O_RDONLY, 0600), pids[4], count = 0;
  struct acct_v3 records[8];
  tell("a directory", syscall(SYS_acct, ".")), tell("not there", syscall(SYS_acct, "none")), tell("a device", syscall(SYS_acct, "/dev/null")), tell("nowhere", syscall(SYS_acct, 8)), tell("off already", syscall(SYS_acct, NULL));
  tell("on", syscall(SYS_acct, "records"));
  if ((pids[0] = fork()) == 0) _exit(3);
  wait(NULL);
  if ((pids[1] = fork()) == 0) setresgid(5, 6, 6), setresuid(7, 8, 8), prctl(15, "renamed"), raise(SIGKILL);
  wait(NULL);
  if ((pids[2] = fork()) == 0) execl(self, "x", "quit", NULL);
  wait(NULL);
  if ((pids[3] = fork()) == 0) { pthread_t thread; pthread_create(&thread, NULL, (void *(*)(void *))pass_time, (void *)20), pthread_detach(thread), pthread_exit(NULL); }
  wait(NULL);
  tell("off", syscall(SYS_acct, NULL));
  if (fork() == 0) _exit(0);
  wait(NULL);
  long length = read(file, records, sizeof records);
  // A busy host may end others meanwhile.
  for (int i = 0; i < length / 64; i++) for (int k = 0; k < 4; k++) if (records[i].ac_pid == pids[k]) show_record("record", &records[i], pids[k]), count++;
  tell("records", count), tell("whole ones", length % 64), close(file), unlink("records");
}
static void unprivileged(void) {
  if (fork() == 0) {
    setresuid(7, 7, 7), tell("account", syscall(SYS_acct, NULL)), tell("account there", syscall(SYS_acct, "none")), tell("swap", syscall(SYS_swapon, "none", 0x7fffffff)), tell("swap", syscall(SYS_swapon, "none", 0)), tell("not swap", syscall(SYS_swapoff, "none")), tell("pivot", syscall(SYS_pivot_root, "none", "none")), ports(0), exit(0);
  }
  wait(NULL);
}
static void mounted(void) {
  char line[300], *word;
  FILE *file = fopen("/proc/mounts", "r");
  while (file && fgets(line, sizeof line, file)) {
    strtok(line, " "), word = strtok(NULL, " ");
    if (!strcmp(word, "/") || !strcmp(word, "/old")) printf("%s\n", word);
  }
  if (file) fclose(file);
}
static void pivot(void) {
  // Natively in a namespace of its own; here there is only one.
  if (unshare(CLONE_NEWNS) == -1 && errno != EINVAL) exit(1);
  mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
  mkdir("fresh", 0755), mkdir("plain", 0755), tell("mount", mount("none", "fresh", "tmpfs", 0, NULL)), mkdir("fresh/old", 0755), mkdir("fresh/tmp", 0755), close(open("fresh/file", O_CREAT, 0600));
  tell("not there", syscall(SYS_pivot_root, "none", "none")), tell("nor that", syscall(SYS_pivot_root, "fresh", "none")), tell("no directory", syscall(SYS_pivot_root, "fresh/file", "fresh/old")), tell("nor that", syscall(SYS_pivot_root, "fresh", "fresh/file")), tell("no mount", syscall(SYS_pivot_root, "plain", "plain")), tell("the old one elsewhere", syscall(SYS_pivot_root, "fresh", "plain")), tell("a directory of it", syscall(SYS_pivot_root, "fresh/tmp", "fresh/old")), tell("the root itself", syscall(SYS_pivot_root, "/", "/")), tell("nowhere", syscall(SYS_pivot_root, 8, "x"));
  struct stat before, after, old;
  stat("/", &before);
  char place[300] = "";
  getcwd(place, sizeof place);
  tell("pivot", syscall(SYS_pivot_root, "fresh", "fresh/old")), stat("/", &after), stat("/old", &old);
  check(after.st_ino != before.st_ino || after.st_dev != before.st_dev, "another root"), check(old.st_ino == before.st_ino && old.st_dev == before.st_dev, "the old one below"), tell("file", access("/file", F_OK)), tell("nothing else", access("/tmp/none", F_OK));
  char now[300] = "", expected[310];
  getcwd(now, sizeof now), snprintf(expected, sizeof expected, "/old%s", place), check(!strcmp(now, expected), "the working directory lies there"), mkdir("/proc", 0755), tell("proc", mount("proc", "/proc", "proc", 0, NULL)), mounted(), tell("root", chdir("/")), printf("%s\n", getcwd(now, sizeof now));
  if (fork() == 0) tell("a child's", access("/file", F_OK)), exit(0);
  wait(NULL), tell("in use", umount2("/old", 0)), tell("up", chdir("/old/..")), printf("%s\n", getcwd(now, sizeof now)), tell("back", syscall(SYS_pivot_root, "/old", "/old")), exit(0);
}
int main(int count, char **arguments) {
  if (count > 1) return 5;
  swapping(), ports(1), descriptors(), unprivileged(), accounting(arguments[0]);
  if (fork() == 0) pivot();
  int status;
  wait(&status), printf("%x\n", status);
  return 0;
}
