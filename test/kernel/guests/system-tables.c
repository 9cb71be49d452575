// What /proc/net tells of a program's own sockets, /proc/locks of its locks, /proc/self of its memory, and /sys of the machine (proc(5), sysfs(5)).
#include "check.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>

static char *contents(const char *path) {
  static char text[1 << 20];
  int fd = open(path, O_RDONLY);
  long length = 0, part;
  while (fd >= 0 && (part = read(fd, text + length, sizeof text - 1 - length)) > 0) length += part;
  text[length] = 0;
  close(fd);
  return text;
}
static unsigned long inode_of(int fd) {
  struct stat status;
  fstat(fd, &status);
  return status.st_ino;
}
// The line of an internet socket, without what differs: the slot, the port, the pointer and what follows.
static void show_socket(const char *table, int fd) {
  char address[64], remote[64], path[64];
  unsigned state, sent, waiting, uid, timeout, port = 0;
  unsigned long inode;
  snprintf(path, sizeof path, "/proc/net/%s", table);
  for (char *line = strtok(contents(path), "\n"); line; line = strtok(NULL, "\n")) {
    if (sscanf(line, " %*d: %63s %63s %X %X:%X %*X:%*X %*X %u %u %lu", address, remote, &state, &sent, &waiting, &uid, &timeout, &inode) != 8 || inode != inode_of(fd)) continue;
    sscanf(strchr(address, ':'), ":%X", &port);
    *strchr(address, ':') = *strchr(remote, ':') = 0;
    printf("%s: %s %s state %X waiting %u uid %d timeout %u %s\n", table, address, remote, state, waiting, uid == getuid(), timeout, port ? "with a port" : "");
    return;
  }
  printf("%s: not there\n", table);
}
static void show_unix(int fd) {
  unsigned references, flags, type, state;
  unsigned long inode;
  for (char *line = strtok(contents("/proc/net/unix"), "\n"); line; line = strtok(NULL, "\n")) {
    char path[128] = "";
    if (sscanf(line, "%*[0-9a-f]: %X %*X %X %X %X %lu %127s", &references, &flags, &type, &state, &inode, path) < 5 || inode != inode_of(fd)) continue;
    printf("unix: %u %x %u %u %s\n", references, flags, type, state, path);
    return;
  }
  puts("unix: not there");
}
static void sockets(void) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  socklen_t size = sizeof here;
  int listener = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
  show_socket("tcp", listener);
  bind(listener, (void *)&here, sizeof here);
  show_socket("tcp", listener);
  listen(listener, 5);
  show_socket("tcp", listener);
  getsockname(listener, (void *)&here, &size);
  connect(client, (void *)&here, sizeof here);
  pass_time(20);
  show_socket("tcp", listener), show_socket("tcp", client);
  int server = accept(listener, NULL, NULL);
  show_socket("tcp", listener), show_socket("tcp", server);
  write(client, "hello", 5);
  pass_time(20);
  show_socket("tcp", server);
  shutdown(client, SHUT_WR);
  // The other end tells what it has received after 40 ms at most.
  pass_time(200);
  show_socket("tcp", client);
  int listener6 = socket(AF_INET6, SOCK_STREAM, 0);
  bind(listener6, (void *)&six, sizeof six), listen(listener6, 1);
  show_socket("tcp6", listener6);
  int datagrams = socket(AF_INET, SOCK_DGRAM, 0), bound = socket(AF_INET, SOCK_DGRAM, 0);
  show_socket("udp", datagrams);
  here.sin_port = 0;
  bind(bound, (void *)&here, sizeof here), getsockname(bound, (void *)&here, &size);
  show_socket("udp", bound);
  connect(datagrams, (void *)&here, sizeof here);
  show_socket("udp", datagrams);
  struct sockaddr_un name = {AF_UNIX, "socket"}, hidden = {AF_UNIX, "\0hidden"};
  int pair[2], by_path = socket(AF_UNIX, SOCK_STREAM, 0), abstract = socket(AF_UNIX, SOCK_DGRAM, 0);
  show_unix(by_path);
  bind(by_path, (void *)&name, sizeof name), listen(by_path, 1);
  bind(abstract, (void *)&hidden, sizeof(sa_family_t) + 7);
  socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair);
  show_unix(by_path), show_unix(abstract), show_unix(pair[0]);
}
static void locks(void) {
  int fd = open("locked", O_RDWR | O_CREAT, 0600);
  struct flock whole = {F_RDLCK, SEEK_SET, 100, 0, 0}, part = {F_WRLCK, SEEK_SET, 5, 10, 0};
  fcntl(fd, F_SETLK, &whole), fcntl(fd, F_SETLK, &part), flock(fd, LOCK_EX);
  char kind[16], mode[16], access[16], start[32], end[32];
  unsigned long inode;
  int pid, count = 0;
  char lines[8][128];
  for (char *line = strtok(contents("/proc/locks"), "\n"); line; line = strtok(NULL, "\n"))
    if (sscanf(line, "%*d: %15s %15s %15s %d %*x:%*x:%lu %31s %31s", kind, mode, access, &pid, &inode, start, end) == 7 && inode == inode_of(fd) && count < 8)
      snprintf(lines[count++], 128, "%s %s %s %s %s %s", kind, mode, access, pid == getpid() ? "own" : "other", start, end);
  qsort(lines, count, 128, (int (*)(const void *, const void *))strcmp);
  for (int i = 0; i < count; i++) puts(lines[i]);
}
static void memory(void) {
  unsigned long all = 0, rss = 0, kilobytes;
  for (char *line = strtok(contents("/proc/self/smaps"), "\n"); line; line = strtok(NULL, "\n"))
    if (sscanf(line, "Rss: %lu", &kilobytes) == 1) all += kilobytes;
  char *rollup = contents("/proc/self/smaps_rollup");
  check(strstr(rollup, "---p 00000000 00:00 0") && strstr(rollup, "[rollup]\n"), "rollup's head");
  check(sscanf(strstr(rollup, "Rss:"), "Rss: %lu", &rss) == 1 && rss + 64 > all && rss < all + 64, "rollup's sum");
  check(strstr(rollup, "\nPss_Anon:") && strstr(rollup, "\nPss_File:") && strstr(rollup, "\nPss_Shmem:") && !strstr(rollup, "VmFlags"), "rollup's lines");
}
int main(void) {
  sockets();
  locks();
  memory();
  for (const char *const *path = (const char *const[]){"/sys/class/net/lo/address", "/sys/class/net/lo/mtu", "/sys/class/net/lo/type", "/sys/class/net/lo/ifindex", "/sys/class/net/lo/flags",
                                                       "/sys/devices/system/cpu/cpu0/topology/core_id", "/sys/devices/system/cpu/cpu0/topology/physical_package_id",
                                                       "/sys/devices/system/node/node0/distance",
                                                       "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "/proc/sys/net/ipv4/ip_local_port_range", NULL};
       *path; path++)
    printf("%s: %s", *path, contents(*path));
  char target[256] = "";
  readlink("/sys/class/net/lo", target, sizeof target - 1);
  puts(target);
  struct stat status;
  tell("stat", stat("/sys/devices/system/cpu/cpu0/topology/core_cpus", &status));
  printf("%o\n", status.st_mode);
  stat("/sys", &status);
  printf("%o\n", status.st_mode);
  tell("make", mkdir("/sys/made", 0755) == -1 && (errno == EROFS || errno == EPERM || errno == EACCES) ? 1 : 0);
  return 0;
}
