// What calls on names are given: names in the worker's folder, ways out of it, kernel files, and what is no name at all. Paths begin in the worker's own folder.
const long = (length: number): string => "n".repeat(length);

export const PATHS: readonly string[] = [
  ...[".", "..", "", "/", "//", "../..", "/tmp", "/tmp/..", "/root", "/etc/passwd", "/bin/fuzz", "/bin/script", "/nonexistent/x"],
  ...["f0", "f1", "f2", "f3", "f0", "f1", "d0", "d1", "d0/f0", "d0/f1", "d1/d2", "d0/..", "d0/../f1", "./f0", "f0/", "d0/", "f0/.", "d1/."],
  ...["l0", "l1", "l2", "l0/f0", "l1/../f0", "loop", "loop/x", "fifo", "fifo", "sock", "s0", "/tmp/s0"],
  ...["/proc", "/proc/self", "/proc/self/fd", "/proc/self/fd/0", "/proc/self/fd/3", "/proc/self/fd/7", "/proc/self/fd/12", "/proc/self/fdinfo/4"],
  ...["/proc/self/root", "/proc/self/root/../../etc/passwd", "/proc/self/cwd", "/proc/self/exe", "/proc/self/maps", "/proc/self/status", "/proc/self/stat"],
  ...["/proc/self/task", "/proc/thread-self/comm", "/proc/1/root", "/proc/2/cwd/..", "/proc/2/fd/1", "/proc/2/mem", "/proc/self/mem", "/proc/self/mounts"],
  ...["/proc/self/oom_score_adj", "/proc/self/limits", "/proc/self/environ", "/proc/self/cmdline", "/proc/self/smaps", "/proc/self/statm", "/proc/self/io"],
  ...["/proc/meminfo", "/proc/sys/kernel/hostname", "/proc/sys/kernel/pid_max", "/proc/sys", "/proc/mounts", "/proc/net/unix", "/proc/net/tcp", "/proc/stat"],
  ...[
    "/proc/999",
    "/proc/self/fd/99",
    "/proc/self/nonexistent",
    "/sys",
    "/dev",
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/tty",
    "/dev/console",
  ],
  ...["/dev/ptmx", "/dev/pts", "/dev/pts/0", "/dev/pts/1", "/dev/fd/3", "/dev/stdin", "/dev/shm", "/dev/shm/m0", "/dev/mem", "/dev/sda"],
  ...[
    "/mnt/host",
    "/mnt/host/inside",
    "/mnt/host/out",
    "/mnt/host/up/x",
    "/mnt/host/../../..",
    "/mnt/read-only",
    "/mnt/read-only/inside",
    "/mnt/read-only/new",
  ],
  ...["/q0", "/q1", "q2", "tmpfs", "proc", "user.a", "user.b", "security.x", "trusted.t", "system.posix_acl_access"],
  ...[long(255), long(256), `${long(200)}/${long(200)}`, `/${"d0/".repeat(1400)}`, "\xff\xfe", "a\nb", "\\", "*", " "],
];
