// Other memory and where memory lies: process_vm_readv and writev, process_madvise, process_mrelease, policies of nodes, move_pages, remap_file_pages, mincore, ranges with holes.
#include "check.h"
#include <linux/mempolicy.h>
#include <sys/prctl.h>
#include <setjmp.h>
#include <sys/uio.h>

static char *pages(int count) { return mmap(NULL, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static long transfer(int number, pid_t pid, struct iovec *here, long here_count, struct iovec *there, long there_count, long flags) {
  return syscall(number, pid, here, here_count, there, there_count, flags);
}
#define READV SYS_process_vm_readv
#define WRITEV SYS_process_vm_writev
static void transfers(void) {
  int ends[2];
  char *area = pages(4), buffer[10000] = "", *mine = pages(2);
  memset(area, 'a', 4096), memset(area + 4096, 'b', 4096), munmap(area + 8192, 4096);
  pid_t child = fork();
  if (child == 0) {
    strcpy(area + 100, "from the child");
    while (strcmp(area + 200, "to the child")) pass_time(1);
    exit(area[4095] == 'z' && area[4096] == 'z' ? 21 : 22);
  }
  pass_time(10);
  struct iovec here[] = {{buffer, 5}, {buffer + 5, 0}, {buffer + 10, 9}}, there[] = {{area + 100, 4}, {area + 104, 10}};
  tell("read", transfer(READV, child, here, 3, there, 2, 0)), printf("%.5s%.9s\n", buffer, buffer + 10);
  tell("flags", transfer(READV, child, here, 3, there, 2, 1)), tell("nobody", transfer(READV, 999999, here, 3, there, 2, 0)), tell("nothing here", transfer(READV, 999999, here, 0, there, 2, 0)), tell("nothing there", transfer(READV, 999999, here, 3, there, 0, 0));
  tell("too many", transfer(READV, child, here, 1025, there, 2, 0)), tell("too many there", transfer(READV, child, here, 3, there, 1025, 0)), tell("no vector", transfer(READV, child, (void *)8, 1, there, 2, 0)), tell("no vector there", transfer(READV, child, here, 1, (void *)8, 2, 0));
  struct iovec wide = {buffer, 10000}, hole = {area + 8192, 10}, across = {area, 10000}, parts[] = {{area + 100, 4}, {area + 8192, 4}, {area + 100, 4}};
  tell("a hole", transfer(READV, child, &wide, 1, &hole, 1, 0)), tell("up to a hole", transfer(READV, child, &wide, 1, &across, 1, 0)), check(buffer[4095] == 'a' && buffer[4096] == 'b', "as far as it goes");
  tell("parts", transfer(READV, child, &wide, 1, parts, 3, 0)), tell("less here", transfer(READV, child, here, 1, &across, 1, 0));
  struct iovec word = {"to the child", 13}, place = {area + 200, 100}, zs = {"zz", 2}, edge = {area + 4095, 2};
  tell("write", transfer(WRITEV, child, &zs, 1, &edge, 1, 0)), tell("and tell", transfer(WRITEV, child, &word, 1, &place, 1, 0));
  int status;
  waitpid(child, &status, 0), printf("%d\n", WEXITSTATUS(status));
  tell("ended", transfer(READV, child, here, 1, there, 1, 0));
  struct iovec constant = {(void *)transfers, 4}, own = {mine, 4};
  tell("write to code", transfer(WRITEV, getpid(), &own, 1, &constant, 1, 0)), tell("own", transfer(READV, getpid(), &own, 1, &constant, 1, 0)), check(memcmp(mine, transfers, 4) == 0, "code");
  if ((child = fork()) == 0) for (;;) pause();
  if (fork() == 0) {
    setresuid(1000, 1000, 1000);
    tell("not allowed", transfer(READV, child, here, 1, there, 1, 0)), tell("nor to write", transfer(WRITEV, child, here, 1, there, 1, 0));
    tell("nor to look", syscall(SYS_kcmp, child, getpid(), 0, 0, 0)), tell("nor to move", syscall(SYS_move_pages, child, 0, NULL, NULL, NULL, 0)), tell("nor to migrate", syscall(SYS_migrate_pages, child, 0, NULL, NULL)), exit(0);
  }
  wait(NULL);
  int fd = syscall(SYS_pidfd_open, child, 0);
  struct iovec advised[] = {{area, 4096}, {area + 4096, 4096}}, holed[] = {{area, 4096}, {area + 8192, 4096}};
  tell("advice", syscall(SYS_process_madvise, fd, advised, 2, MADV_COLD, 0)), tell("a hole", syscall(SYS_process_madvise, fd, holed, 2, MADV_WILLNEED, 0)), tell("only a hole", syscall(SYS_process_madvise, fd, holed + 1, 1, MADV_PAGEOUT, 0));
  tell("harmful", syscall(SYS_process_madvise, fd, advised, 2, MADV_DONTNEED, 0)), tell("flags", syscall(SYS_process_madvise, fd, advised, 2, MADV_COLD, 1)), tell("no process", syscall(SYS_process_madvise, 0, advised, 2, MADV_COLD, 0)), tell("no descriptor", syscall(SYS_process_madvise, 99, advised, 2, MADV_COLD, 0));
  tell("alive", syscall(SYS_process_mrelease, fd, 0)), tell("flags", syscall(SYS_process_mrelease, fd, 1)), tell("no process", syscall(SYS_process_mrelease, 0, 0));
  kill(child, SIGKILL), waitid(P_PID, child, NULL, WEXITED | WNOWAIT), tell("dead", syscall(SYS_process_mrelease, fd, 0)), waitpid(child, NULL, 0), tell("gone", syscall(SYS_process_mrelease, fd, 0)), tell("advice for nobody", syscall(SYS_process_madvise, fd, advised, 2, MADV_COLD, 0));
}
static void show(const char *what, void *address, int flags) {
  int mode = -1;
  unsigned long nodes[16];
  memset(nodes, 0xee, sizeof nodes);
  tell(what, syscall(SYS_get_mempolicy, &mode, nodes, 1024, address, flags)), printf("%x %lx %lx %lx\n", mode, nodes[0], nodes[1], nodes[15]);
}
static long set(int mode, unsigned long nodes, unsigned long count) { return syscall(SYS_set_mempolicy, mode, &nodes, count); }
static long bind_to(void *address, long length, int mode, unsigned long nodes, int flags) { return syscall(SYS_mbind, address, length, mode, &nodes, 64, flags); }
static void policies(void) {
  char *area = pages(6);
  unsigned long none = 0, mask[600] = {1};
  show("at first", NULL, 0), tell("default with nodes", set(MPOL_DEFAULT, 1, 64)), tell("bind to nothing", set(MPOL_BIND, 0, 64)), tell("to a node that is not there", set(MPOL_BIND, 2, 64)), tell("no such mode", set(99, 1, 64)), tell("two ways", set(MPOL_BIND | 0xc000, 1, 64));
  tell("bind", set(MPOL_BIND, 1, 64)), show("told", NULL, 0), tell("interleave", set(MPOL_INTERLEAVE, 3, 64)), show("told", NULL, 0), show("next node", NULL, MPOL_F_NODE);
  tell("preferred", set(MPOL_PREFERRED, 1, 64)), show("told", NULL, 0), show("no next", NULL, MPOL_F_NODE), tell("preferred nowhere", set(MPOL_PREFERRED, 0, 64)), show("told", NULL, 0), tell("static nowhere", set(MPOL_PREFERRED | MPOL_F_STATIC_NODES, 0, 64));
  tell("local", set(MPOL_LOCAL, 0, 64)), tell("local with nodes", set(MPOL_LOCAL, 1, 64)), tell("many", set(MPOL_PREFERRED_MANY, 1, 64)), show("told", NULL, 0);
  tell("static", set(MPOL_BIND | MPOL_F_STATIC_NODES, 5, 64)), show("told", NULL, 0), tell("relative", set(MPOL_INTERLEAVE | MPOL_F_RELATIVE_NODES, 6, 64)), show("told", NULL, 0);
  tell("no bits", set(MPOL_BIND, 1, 1)), tell("one bit", set(MPOL_BIND, 1, 2)), tell("far too many", syscall(SYS_set_mempolicy, MPOL_BIND, mask, 40000)), tell("nowhere", syscall(SYS_set_mempolicy, MPOL_BIND, 8, 64));
  if (fork() == 0) show("inherited", NULL, 0), exit(0);
  wait(NULL);
  tell("default", syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0)), show("allowed", NULL, MPOL_F_MEMS_ALLOWED), show("contradiction", NULL, MPOL_F_MEMS_ALLOWED | MPOL_F_NODE), show("no question", NULL, 8), show("an address too many", area, 0), show("nowhere", (void *)4096, MPOL_F_ADDR);
  tell("no room", syscall(SYS_get_mempolicy, NULL, mask, 0, NULL, 0)), tell("no mode", syscall(SYS_get_mempolicy, 8, NULL, 0, NULL, 0)), tell("no mask", syscall(SYS_get_mempolicy, NULL, 8, 1024, NULL, 0));
  tell("bound", bind_to(area, 8192, MPOL_BIND, 1, 0)), show("told", area + 4096, MPOL_F_ADDR), show("behind", area + 8192, MPOL_F_ADDR), area[0] = 1, show("its node", area, MPOL_F_ADDR | MPOL_F_NODE);
  tell("home", syscall(SYS_set_mempolicy_home_node, area, 4096, 0, 0)), tell("no home", syscall(SYS_set_mempolicy_home_node, area, 4096, 1, 0)), tell("not bound", syscall(SYS_set_mempolicy_home_node, area + 8192, 4096, 0, 0)), tell("flags", syscall(SYS_set_mempolicy_home_node, area, 4096, 0, 1)), tell("odd", syscall(SYS_set_mempolicy_home_node, area + 1, 4096, 0, 0));
  bind_to(area + 8192, 4096, MPOL_INTERLEAVE, 1, 0), tell("interleaved", syscall(SYS_set_mempolicy_home_node, area, 12288, 0, 0)), tell("none", syscall(SYS_set_mempolicy_home_node, area, 0, 0, 0));
  tell("odd", bind_to(area + 1, 4096, MPOL_BIND, 1, 0)), tell("flags", bind_to(area, 4096, MPOL_BIND, 1, 64)), tell("no nodes", bind_to(area, 4096, MPOL_BIND, 0, 0)), tell("nothing", bind_to(area, 0, MPOL_BIND, 0, 0)), tell("no mode", bind_to(area, 0, 50, 0, 0)), tell("strictly", bind_to(area, 4096, MPOL_BIND, 1, MPOL_MF_STRICT | MPOL_MF_MOVE | MPOL_MF_MOVE_ALL));
  munmap(area + 12288, 4096), tell("a hole", bind_to(area, 20480, MPOL_BIND, 1, 0)), tell("default over a hole", bind_to(area, 20480, MPOL_DEFAULT, 0, 0)), show("default again", area, MPOL_F_ADDR), tell("only a hole", bind_to(area + 12288, 4096, MPOL_DEFAULT, 0, 0));
  tell("migrate", syscall(SYS_migrate_pages, 0, 64, mask, mask)), tell("nobody", syscall(SYS_migrate_pages, 999999, 64, mask, mask)), tell("to nowhere", syscall(SYS_migrate_pages, 0, 64, mask, &none));
}
static void moves(void) {
  char *area = pages(4);
  void *list[] = {area, area + 4096, area + 8192, (void *)4096, area + 100};
  int nodes[] = {0, 0, 0, 0, 0}, status[5];
  area[0] = area[8192] = 1, munmap(area + 12288, 4096);
  tell("ask", syscall(SYS_move_pages, 0, 5, list, NULL, status, 0)), printf("%d %d %d %d %d\n", status[0], status[1], status[2], status[3], status[4]);
  tell("move", syscall(SYS_move_pages, getpid(), 3, list, nodes, status, MPOL_MF_MOVE)), printf("%d %d %d\n", status[0], status[1], status[2]);
  tell("flags", syscall(SYS_move_pages, 0, 1, list, NULL, status, 1)), tell("nobody", syscall(SYS_move_pages, 999999, 1, list, NULL, status, 0)), nodes[1] = 1, tell("no such node", syscall(SYS_move_pages, 0, 3, list, nodes, status, MPOL_MF_MOVE)), nodes[0] = -1, tell("no node", syscall(SYS_move_pages, 0, 3, list, nodes, status, MPOL_MF_MOVE));
  tell("no list", syscall(SYS_move_pages, 0, 1, 8, NULL, status, 0)), tell("no status", syscall(SYS_move_pages, 0, 1, list, NULL, 8, 0)), tell("nothing", syscall(SYS_move_pages, 0, 0, NULL, NULL, NULL, 0));
  unsigned char vector[4] = {9, 9, 9, 9};
  tell("resident", mincore(area, 12288, vector)), printf("%d %d %d\n", vector[0] & 1, vector[1] & 1, vector[2] & 1);
  tell("with a hole", mincore(area, 16384, vector)), tell("nowhere", mincore(area, 4096, (void *)8)), madvise(area, 4096, MADV_DONTNEED), mincore(area, 12288, vector), printf("%d %d %d\n", vector[0] & 1, vector[1] & 1, vector[2] & 1);
  char *shared = mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  shared[4096] = 1, mincore(shared, 12288, vector), printf("%d %d %d\n", vector[0] & 1, vector[1] & 1, vector[2] & 1);
}
static void remaps(void) {
  int file = open("remapped", O_RDWR | O_CREAT | O_TRUNC, 0600);
  char *private = pages(4);
  for (int i = 0; i < 4; i++) memset(private, 'a' + i, 4096), write(file, private, 4096);
  char *area = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  tell("remap", syscall(SYS_remap_file_pages, area, 4096, 0, 3, 0)), printf("%c%c%c%c\n", area[0], area[4096], area[8192], area[12288]);
  area[0] = 'z', printf("%c\n", area[12288]), tell("over both", syscall(SYS_remap_file_pages, area, 8192, 0, 1, 0)), printf("%c%c%c%c\n", area[0], area[4096], area[8192], area[12288]);
  tell("protection", syscall(SYS_remap_file_pages, area, 4096, 1, 0, 0)), tell("private", syscall(SYS_remap_file_pages, private, 4096, 0, 0, 0)), tell("too small", syscall(SYS_remap_file_pages, area, 4095, 0, 0, 0)), tell("nowhere", syscall(SYS_remap_file_pages, 4096, 4096, 0, 0, 0));
  munmap(area + 8192, 4096), tell("a hole", syscall(SYS_remap_file_pages, area, 16384, 0, 0, 0)), tell("inside a page", syscall(SYS_remap_file_pages, area + 4100, 4097, 0, 0, 0)), printf("%c%c\n", area[0], area[4096]);
  unlink("remapped");
}
static volatile sig_atomic_t faults;
static jmp_buf *back;
static void fault(int signal) { faults++, siglongjmp(*(sigjmp_buf *)back, 1); }
static int writable(char *at) {
  sigjmp_buf place;
  back = (void *)&place;
  if (sigsetjmp(place, 1)) return 0;
  *at = 1;
  return 1;
}
static void holes(void) {
  char *area = pages(6);
  memset(area, 'x', 24576), munmap(area + 8192, 4096), signal(SIGSEGV, fault);
  tell("protect over a hole", mprotect(area, 24576, PROT_READ)), printf("%d %d %d %d\n", writable(area), writable(area + 4096), writable(area + 12288), writable(area + 20480));
  tell("from a hole on", mprotect(area + 8192, 8192, PROT_READ)), printf("%d\n", writable(area + 12288));
  tell("drop over a hole", madvise(area, 24576, MADV_DONTNEED)), tell("allow", mprotect(area, 8192, PROT_READ | PROT_WRITE)), printf("%d %d %d %d\n", area[0], area[4096], area[12288], area[20480]);
  int file = open("/proc/self/exe", O_RDONLY);
  char *both = pages(3);
  mmap(both + 4096, 4096, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0);
  tell("not that one", mprotect(both, 12288, PROT_READ | PROT_WRITE | PROT_EXEC)), tell("taken away", mprotect(both, 12288, PROT_NONE)), tell("not that one", mprotect(both, 12288, PROT_READ | PROT_WRITE)), printf("%d %d\n", writable(both), writable(both + 8192));
}
int main(void) {
  transfers(), policies(), moves(), remaps(), holes();
  return 0;
}
