// Tries to reach what lies outside the machine: `escapes SECRET PATH FOLDER PORT PID`. SECRET is a text that host files outside the mounts hold, PATH such a file, FOLDER the host folder that is
// mounted at /mnt/host, PORT where a host program listens, PID that program. Each attempt prints one line; one that found the secret begins with REACHED. Never to be run on a host.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *secret, *path, *folder;
static char buffer[1 << 20];

static void tell(const char *what, const char *how, long result) {
  printf("%s%s%s: %s\n", what, how[0] ? " " : "", how, result < 0 ? strerrorname_np(errno) : "ok");
  fflush(stdout);
}
static int holds_secret(long length) { return length > 0 && memmem(buffer, length, secret, strlen(secret)) != NULL; }
/// Reads what was opened, and looks for the secret in it.
static void look(const char *what, const char *how, int fd) {
  if (fd < 0) return tell(what, how, -1);
  long total = 0, count;
  while (total < (long)sizeof buffer && (count = read(fd, buffer + total, sizeof buffer - total)) > 0) total += count;
  printf("%s%s %s: %ld bytes\n", holds_secret(total) ? "REACHED " : "", what, how, total);
  fflush(stdout);
  close(fd);
}
static int open_now(const char *name) { return open(name, O_RDONLY | O_NONBLOCK); }
static void look_at(const char *what, const char *name) { look(what, name, open_now(name)); }
static const char *joined(const char *a, const char *b) {
  static char text[8192];
  snprintf(text, sizeof text, "%s%s", a, b);
  return text;
}
static int in_child(void (*attempt)(void)) {
  int status, child = fork();
  if (child == 0) attempt(), fflush(stdout), _exit(0);
  waitpid(child, &status, 0);
  if (!WIFEXITED(status)) printf("an attempt was ended by signal %d\n", WTERMSIG(status)), fflush(stdout);
  return status;
}

static void by_paths(void) {
  static const char *const starts[] = {
      "",           "/mnt/host/../../../../../../..", "/mnt/read-only/..", "/proc/self/root", "/proc/self/root/../..", "/proc/1/root", "/proc/2/root", "/proc/self/cwd/../../..",
      "/proc/1/cwd", "/proc/self/task/../../1/root",   "/dev/fd/../..",     "/dev/../..",      "/proc/self/fd/3/..",    "/proc/thread-self/root", "//", "/sys/../.."};
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) look_at("path", joined(starts[i], path));
}
static void by_links(void) {
  static const char *const inside[] = {"out", "absolute", "up/outside/secret", "up/../outside/secret", "folder/secret", "deep/../../outside/secret", "chain"};
  for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) look_at("link in the mount", joined("/mnt/host/", inside[i]));
  for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) look_at("link in the other mount", joined("/mnt/read-only/", inside[i]));
  tell("symlink", "", symlink(path, "/mnt/host/made"));
  look_at("made link", "/mnt/host/made");
  look("link told to be followed", "", openat(AT_FDCWD, "/mnt/host/absolute", O_RDONLY));
  tell("hard link of a link", "", linkat(AT_FDCWD, "/mnt/host/absolute", AT_FDCWD, "/mnt/host/hard", AT_SYMLINK_FOLLOW));
  int link = open("/mnt/host/absolute", O_PATH | O_NOFOLLOW);
  look("link by descriptor", "", open_now(joined("/proc/self/fd/", link == 3 ? "3" : "4")));
}
static void by_descriptors(void) {
  int mount = open("/mnt/host", O_RDONLY | O_DIRECTORY);
  char up[256] = "";
  for (int i = 0; i < 12; i++) {
    strcat(up, "../");
    look("openat", up, openat(mount, joined(up, "outside/secret"), O_RDONLY));
    look("openat from the top", up, openat(mount, joined(up, path + 1), O_RDONLY));
  }
  for (int resolve = 0; resolve < 32; resolve += 4) {
    struct open_how how = {O_RDONLY, 0, resolve};
    look("openat2", "", syscall(SYS_openat2, mount, "../outside/secret", &how, sizeof how));
  }
  for (int fd = 3; fd < 1024; fd++)
    if (fd != mount && fcntl(fd, F_GETFD) >= 0) look("inherited descriptor", "", fd);
  struct {
    struct file_handle head;
    char bytes[128];
  } handle = {{128, 0}};
  int mount_id;
  tell("name_to_handle_at", "", syscall(SYS_name_to_handle_at, mount, "", &handle, &mount_id, AT_EMPTY_PATH));
  for (int inode = 1; inode < 20; inode++) {
    handle.head.handle_bytes = 8, handle.head.handle_type = 1;
    memcpy(handle.bytes, &inode, sizeof inode);
    look("open_by_handle_at", "", syscall(SYS_open_by_handle_at, mount, &handle, O_RDONLY));
  }
}
static void out_of_chroot(void) {
  mkdir("/tmp/jail", 0755);
  int top = open("/", O_RDONLY | O_DIRECTORY);
  tell("chroot", "", chroot("/tmp/jail")), tell("fchdir", "", fchdir(top));
  for (int i = 0; i < 100; i++) chdir("..");
  tell("chroot", ".", chroot("."));
  look("out of chroot", path, open_now(path)), look("out of chroot", "", openat(top, joined("..", path), O_RDONLY));
  look("from the mount", "", open_now("mnt/host/../../outside/secret"));
}
static void chroot_in_mount(void) {
  tell("chroot", "/mnt/host", chroot("/mnt/host"));
  for (int i = 0; i < 20; i++) chdir("..");
  look_at("below", joined("..", path)), look_at("below", "up/outside/secret"), look_at("below", "/absolute");
}
static void by_mounts(void) {
  static const char *const types[] = {"ext4", "xfs", "btrfs", "overlay", "9p", "virtiofs", "nfs", "cifs", "fuse", "hostfs", "devtmpfs", "sysfs", "debugfs", "cgroup", "cgroup2", "bpf", "tracefs", "squashfs", "ramfs"};
  mkdir("/tmp/point", 0755);
  for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
    if (mount(i < 3 ? "/dev/sda1" : folder, "/tmp/point", types[i], 0, "lowerdir=/,trans=virtio") < 0) tell("mount", types[i], -1);
    else look_at("mounted", joined("/tmp/point", path)), umount("/tmp/point");
  }
  tell("bind", path, mount(path, "/tmp/point", NULL, MS_BIND, NULL)), look_at("bound", "/tmp/point");
  tell("bind the top", "", mount("/", "/tmp/point", NULL, MS_BIND | MS_REC, NULL)), look_at("bound", joined("/tmp/point", path));
  tell("move", "", mount("/mnt/host", "/tmp/point", NULL, MS_MOVE, NULL)), look_at("moved", "/tmp/point/../outside/secret");
  tell("remount", "", mount(NULL, "/mnt/read-only", NULL, MS_REMOUNT, NULL));
  tell("pivot_root", "", syscall(SYS_pivot_root, "/mnt/host", "/mnt/host/deep")), look_at("after pivot_root", joined("/deep", path));
  tell("umount", "/mnt/read-only", umount2("/mnt/read-only", MNT_DETACH)), look_at("under the mount", "/mnt/read-only/inside");
  tell("umount", "/", umount2("/", MNT_DETACH)), look_at("under all", path);
  tell("open_tree", "", syscall(SYS_open_tree, AT_FDCWD, "/", 1)), tell("fsopen", "", syscall(SYS_fsopen, "ext4", 0));
  tell("unshare", "", unshare(CLONE_NEWNS)), tell("unshare", "user", unshare(CLONE_NEWUSER));
  int own = open("/proc/1/ns/mnt", O_RDONLY);
  tell("setns", "", own < 0 ? -1 : setns(own, 0)), look_at("in the other space", path);
}
static void by_devices(void) {
  static const int numbers[][3] = {{S_IFBLK, 8, 0}, {S_IFBLK, 8, 1}, {S_IFBLK, 254, 0}, {S_IFBLK, 259, 0}, {S_IFBLK, 7, 0}, {S_IFBLK, 1, 0}, {S_IFCHR, 1, 1}, {S_IFCHR, 1, 2}, {S_IFCHR, 1, 4}, {S_IFCHR, 1, 11}, {S_IFCHR, 10, 229}, {S_IFCHR, 10, 200}, {S_IFCHR, 10, 232}, {S_IFCHR, 21, 0}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    char name[64];
    sprintf(name, "/dev/node-%d-%d-%d", numbers[i][0] == S_IFBLK, numbers[i][1], numbers[i][2]);
    if (mknod(name, numbers[i][0] | 0600, makedev(numbers[i][1], numbers[i][2])) < 0) tell("mknod", name, -1);
    else look_at("device", name);
  }
  static const char *const kernel[] = {"/dev/mem", "/dev/kmem", "/dev/kmsg", "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/proc/kcore", "/proc/kallsyms", "/proc/iomem", "/proc/1/environ", "/proc/1/maps", "/proc/1/mem", "/proc/1/cmdline", "/proc/1/exe", "/proc/1/fd/0", "/proc/1/fd/3", "/proc/keys", "/proc/sched_debug", "/proc/vmallocinfo", "/proc/partitions", "/sys/block", "/sys/kernel/uevent_helper"};
  for (size_t i = 0; i < sizeof kernel / sizeof *kernel; i++) look_at("kernel file", kernel[i]);
  // What has let programs out of containers: the kernel runs the program that is written here.
  static const char *const helpers[] = {"/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hotplug", "/sys/kernel/uevent_helper", "/sys/fs/cgroup/release_agent", "/proc/sys/fs/binfmt_misc/register", "/proc/sysrq-trigger", "/proc/1/oom_score_adj"};
  for (size_t i = 0; i < sizeof helpers / sizeof *helpers; i++) {
    int fd = open(helpers[i], O_WRONLY);
    tell("write to", helpers[i], fd < 0 ? -1 : write(fd, joined("|/bin/cp ", path), 20));
  }
}
static void by_kernel(int pid) {
  struct iovec local = {buffer, 4096}, remote = {(void *)0x400000, 4096};
  tell("kill a host process", "", kill(pid, 0)), tell("process_vm_readv", "host", syscall(SYS_process_vm_readv, pid, &local, 1, &remote, 1, 0));
  tell("process_vm_readv", "1", syscall(SYS_process_vm_readv, 1, &local, 1, &remote, 1, 0)), tell("ptrace", "", syscall(SYS_ptrace, 16, pid, 0, 0));
  tell("pidfd_open", "", syscall(SYS_pidfd_open, pid, 0)), tell("init_module", "", syscall(SYS_init_module, buffer, 100, ""));
  tell("bpf", "", syscall(SYS_bpf, 0, buffer, 100)), tell("kexec_load", "", syscall(SYS_kexec_load, 0, 0, 0, 0)), tell("swapon", "", syscall(SYS_swapon, path, 0));
  tell("acct", "", syscall(SYS_acct, path)), tell("quotactl", "", syscall(SYS_quotactl, 0, path, 0, 0)), tell("uselib", "", syscall(SYS_uselib, path));
  tell("io_uring", "", syscall(SYS_io_uring_setup, 8, buffer)), tell("execute", "", execl(path, path, NULL));
}
static void by_sockets(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int tcp = socket(AF_INET, SOCK_STREAM, 0), udp = socket(AF_INET, SOCK_DGRAM, 0);
  tell("connect to the host", "", connect(tcp, (void *)&address, sizeof address)), look("from it", "", tcp);
  tell("datagram to the host", "", sendto(udp, "out", 3, 0, (void *)&address, sizeof address));
  address.sin_addr.s_addr = htonl(0x0a000201), tell("connect to a neighbour", "", connect(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), (void *)&address, sizeof address));
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strcpy(name.sun_path, "/mnt/host/socket"), tell("unix socket in the mount", "", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name));
  snprintf(name.sun_path, sizeof name.sun_path, "%s/socket", folder), tell("unix socket", "", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name));
  sprintf(name.sun_path + 1, "chronix-escape-%d", port), name.sun_path[0] = 0;
  tell("abstract socket", "", connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof(sa_family_t) + 1 + strlen(name.sun_path + 1)));
  tell("raw", "", socket(AF_INET, SOCK_RAW, 1)), tell("packet", "", socket(AF_PACKET, SOCK_RAW, 0)), tell("vsock", "", socket(AF_VSOCK, SOCK_STREAM, 0));
}
/// A directory of outside a chroot, handed into it.
static void by_passing(void) {
  int pair[2];
  socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
  if (fork() == 0) {
    union {
      struct cmsghdr head;
      char bytes[CMSG_SPACE(sizeof(int))];
    } control = {{CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    struct iovec piece = {"x", 1};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    int top = open("/mnt/host", O_RDONLY | O_DIRECTORY);
    memcpy(CMSG_DATA(&control.head), &top, sizeof top);
    sendmsg(pair[1], &message, 0), _exit(0);
  }
  char byte, room[256];
  struct iovec piece = {&byte, 1};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof room};
  int got = -1;
  mkdir("/tmp/cell", 0755), chroot("/tmp/cell"), chdir("/");
  if (recvmsg(pair[0], &message, 0) == 1 && CMSG_FIRSTHDR(&message)) memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof got);
  tell("handed in", "", got < 0 ? -1 : fchdir(got));
  look("from what was handed in", "", openat(got, "../../outside/secret", O_RDONLY)), look("from what was handed in", "", openat(got, "up/outside/secret", O_RDONLY));
}
/// Whatever is done to the copies, the host's own folder stays as it is.
static void spoil(void) {
  static const char *const names[] = {"/mnt/host/inside", "/mnt/host/deep/file", "/mnt/host/linked", "/mnt/read-only/inside"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    int fd = open(names[i], O_RDWR);
    tell("open to write", names[i], fd);
    if (fd < 0) continue;
    char *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (mapped != MAP_FAILED) mapped[0] = '!', msync(mapped, 4096, MS_SYNC);
    write(fd, "spoilt", 6), ftruncate(fd, 3), fchmod(fd, 0777), fchown(fd, 1, 1), fsync(fd), close(fd);
  }
  tell("chmod", "", chmod("/mnt/host", 0)), tell("hard link out", "", link("/mnt/host/inside", "/tmp/hard")), tell("rename out", "", rename("/mnt/host/inside", "/tmp/moved"));
  tell("unlink", "", unlink("/mnt/host/inside")), tell("create", "", creat("/mnt/host/new", 0644)), tell("create", "in read-only", creat("/mnt/read-only/new", 0644));
  tell("mkdir", "", mkdir("/mnt/host/made-folder", 0755)), tell("rename", "", rename("/mnt/host/deep", "/mnt/host/other"));
}

int main(int count, char **words) {
  if (count != 6 || getpid() != 2) return fputs("This program is for Chronix: it tries to leave the machine.\n", stderr), 2;
  secret = words[1], path = words[2], folder = words[3];
  // That a secret is found where there is one.
  look_at("control", "/mnt/host/control");
  in_child(by_paths), in_child(by_links), in_child(by_descriptors), in_child(out_of_chroot), in_child(chroot_in_mount), in_child(by_passing), in_child(by_devices);
  by_sockets(atoi(words[4]));
  in_child(spoil), in_child(by_mounts);
  by_kernel(atoi(words[5]));
  return 0;
}
