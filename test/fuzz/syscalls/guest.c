// Makes system calls at random: `fuzz supervise SEED GENERATIONS WORKERS CALLS`. A supervisor starts workers, each in a session of its own; a worker makes so many calls with
// arguments of about the right kind, and starts threads and processes that make some too. One that stands still is given signals and at last killed.
// What ends the supervisor is the only thing that is left out. It needs no library, and no file but /calls.
#include <asm/signal.h>
#include <linux/mman.h>
#include <linux/resource.h>
#include "draw.h"

enum { SLOTS = 24, STACK = 16 << 10, CHILD_CALLS = 24, MOST_WORKERS = 8 };
static struct slot {
  struct task task;
  char stack[STACK] __attribute__((aligned(16)));
} slots[SLOTS];
static uint32_t next_slot, births;
static uint64_t seed;
/// Shared by supervisor and workers: calls made so far.
static volatile uint32_t *made;

void handle(int signal) {
  if (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE) leave(signal);
}

/// A call that may return twice: the child goes on with `live` on a stack of its own, whichever the call gave it.
long spawn(long number, const uint64_t *a, char *stack, struct slot *slot);
__asm__("spawn: push %rbx\n push %r12\n push %r13\n"
        "mov %rdi, %rax\n mov %rsi, %rbx\n mov %rdx, %r12\n mov %rcx, %r13\n"
        "mov (%rbx), %rdi\n mov 8(%rbx), %rsi\n mov 16(%rbx), %rdx\n mov 24(%rbx), %r10\n mov 32(%rbx), %r8\n mov 40(%rbx), %r9\n"
        "syscall\n"
        "test %rax, %rax\n jnz 1f\n"
        "mov %r12, %rsp\n xor %ebp, %ebp\n mov %r13, %rdi\n call live\n hlt\n"
        "1: pop %r13\n pop %r12\n pop %rbx\n ret\n");
__attribute__((noreturn, used)) static void live(struct slot *slot);

/// Signals that nobody can block, to whoever must not have them.
static int would_end_all(const struct call_row *row, const uint64_t *a) {
  int is_fatal[6];
  for (int i = 0; i < 6; i++) is_fatal[i] = (int)a[i] == SIGKILL || (int)a[i] == SIGSTOP;
  int target = (int)a[0];
  switch (row->number) {
    case __NR_kill: return is_fatal[1] && (target == supervisor || target == -1 || target == -supervisor);
    case __NR_tkill:
    case __NR_rt_sigqueueinfo: return is_fatal[1] && target == supervisor;
    case __NR_tgkill:
    case __NR_rt_tgsigqueueinfo: return is_fatal[2] && (target == supervisor || (int)a[1] == supervisor);
    case __NR_pidfd_open:
    case __NR_prlimit64: return target == supervisor;
    case __NR_ptrace: return (int)a[1] == supervisor;
    case __NR_process_vm_writev: return target == supervisor;
    default: return 0;
  }
}
static long keep_fd(int kind, long fd) {
  if (fd >= 0) descriptors[kind][kind_counts[kind]++ % OF_A_KIND] = (int)fd;
  return fd;
}
static void keep(const struct call_row *row, long result) {
  if (result < 0 && result > -4096) return;
  switch (row->number) {
    case __NR_open:
    case __NR_openat:
    case __NR_creat: keep_fd(KIND_FILE, result); break;
    case __NR_socket:
    case __NR_accept:
    case __NR_accept4: keep_fd(KIND_SOCKET, result); break;
    case __NR_mq_open: keep_fd(KIND_QUEUE, result); break;
    case __NR_pidfd_open: keep_fd(KIND_PROCESS, result); break;
  }
  uint64_t *list = result > 1L << 32 ? recent_addresses : recent_numbers;
  if (result != 0 || row->number != __NR_close) list[recent_count++ % RECENT] = (uint64_t)result;
}
static void call_at_random(struct task *task) {
  const struct call_row *row = table.calls + table.order[below(task, table.order_count)];
  uint64_t a[6] = {0};
  task->used = 0;
  for (uint32_t i = 0; i < row->count; i++) a[i] = draw(task, row->arguments + i, 0);
  if (would_end_all(row, a)) return;
  long result;
  if (row->number == __NR_clone || row->number == __NR_fork || row->number == __NR_vfork || row->number == __NR_clone3) {
    struct slot *slot = slots + 1 + __atomic_fetch_add(&next_slot, 1, __ATOMIC_RELAXED) % (SLOTS - 1);
    slot->task.random = seed ^ ((uint64_t)__atomic_add_fetch(&births, 1, __ATOMIC_RELAXED) << 40) ^ next(task);
    result = spawn((long)row->number, a, slot->stack + STACK - 64, slot);
  } else result = call((long)row->number, (long)a[0], (long)a[1], (long)a[2], (long)a[3], (long)a[4], (long)a[5]);
  keep(row, result);
}

/// What a thread or a child does: a few calls, and its end.
static void live(struct slot *slot) {
  struct task *task = &slot->task;
  task->random ^= (uint64_t)sys(gettid) << 20;
  for (uint64_t left = below(task, CHILD_CALLS); left; left--) call_at_random(task);
  long status = (long)below(task, 4);
  if (sys(gettid) == sys(getpid) && one_in(task, 2)) sys(exit_group, status);
  for (;;) sys(exit, status);
}

/// Some descriptors of each kind, and names, so that calls have something to work on.
static void furnish(struct task *task) {
  int pair[2];
  static const char *const files[] = {"f0", "f1", "d0/f0", "/mnt/host/inside"};
  static const char *const directories[] = {"d0", ".", "/proc", "/mnt/read-only"};
  static const char *const devices[] = {"/dev/null", "/dev/zero", "/proc/self/maps"};
  static const char some[] = "0123456789 some text to read\n";
  sys(close_range, 3, ~0U, 0);
  sys(mkdir, "d0", 0755);
  sys(mkdir, "d1", 0755);
  sys(symlink, "d0", "l0");
  sys(symlink, "../../../etc", "l1");
  sys(symlink, "/proc/self/fd", "l2");
  sys(symlink, "loop", "loop");
  sys(mknod, "fifo", 010644, 0);
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    long fd = keep_fd(KIND_FILE, sys(open, files[i], O_RDWR | O_CREAT, 0644));
    sys(write, fd, some, sizeof some);
  }
  for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) keep_fd(KIND_DIRECTORY, sys(open, directories[i], O_RDONLY | O_DIRECTORY, 0));
  for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) sys(open, devices[i], i < 2 ? O_RDWR : O_RDONLY, 0);
  keep_fd(KIND_TERMINAL, sys(open, "/dev/ptmx", O_RDWR, 0));
  long unlocked = 0;
  sys(ioctl, descriptors[KIND_TERMINAL][0], 0x40045431, &unlocked);
  keep_fd(KIND_TERMINAL, sys(ioctl, descriptors[KIND_TERMINAL][0], 0x5441, O_RDWR));
  keep_fd(KIND_TERMINAL, 0);
  keep_fd(KIND_PIPE, sys(open, "fifo", O_RDWR | O_NONBLOCK, 0));
  if (sys(pipe2, pair, one_in(task, 2) ? O_NONBLOCK : 0) == 0) keep_fd(KIND_PIPE, pair[0]), keep_fd(KIND_PIPE, pair[1]);
  for (int type = 1; type <= 2; type++)
    if (sys(socketpair, 1, type, 0, pair) == 0) keep_fd(KIND_SOCKET, pair[0]), sys(dup, pair[1]);
  struct {
    uint16_t family;
    char path[14];
  } name = {1, "s0"};
  long listener = keep_fd(KIND_SOCKET, sys(socket, 1, 1, 0));
  sys(unlink, "s0");
  sys(bind, listener, &name, 5);
  sys(listen, listener, 2);
  keep_fd(KIND_SOCKET, sys(socket, one_in(task, 2) ? 2 : 10, (1 + below(task, 2)) | (one_in(task, 2) ? O_NONBLOCK : 0), 0));
  keep_fd(KIND_EVENT, sys(eventfd2, 1, 0));
  keep_fd(KIND_EPOLL, sys(epoll_create1, 0));
  keep_fd(KIND_EPOLL, sys(epoll_create1, 0));
  keep_fd(KIND_TIMER, sys(timerfd_create, 1, 0));
  uint64_t set = 0xa00;
  keep_fd(KIND_SIGNALS, sys(signalfd4, -1, &set, 8, O_NONBLOCK));
  keep_fd(KIND_INOTIFY, sys(inotify_init1, O_NONBLOCK));
  keep_fd(KIND_FILE, sys(memfd_create, "memory", 2));
  long self = sys(getpid);
  keep_fd(KIND_PROCESS, sys(pidfd_open, self, 0));
}
static void map_arena(void) {
  arena = (char *)0x10000000;
  long flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  sys(mmap, arena, ARENA_PAGES * PAGE, PROT_READ | PROT_WRITE, flags, -1, 0);
  sys(mmap, arena + (ARENA_PAGES + 0) * PAGE, PAGE, PROT_READ, flags, -1, 0);
  for (int i = 0; i < RECENT; i++) recent_addresses[i] = (uint64_t)arena + i * PAGE;
}
/// SIGUSR1 ends any call that waits.
static void handle_signals(struct task *task) {
  for (int signal = 1; signal <= 36; signal++) {
    if (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE || signal == SIGKILL || signal == SIGSTOP) continue;
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTORER | (signal != SIGUSR1 && one_in(task, 2) ? SA_RESTART : 0), .sa_restorer = restore, .sa_mask = 0};
    sys(rt_sigaction, signal, &action, 0, 8);
  }
}
__attribute__((noreturn)) static void work(int index, uint32_t until) {
  struct task *task = &slots[0].task;
  task->random = seed + 0x1000UL * (uint64_t)index + made[index];
  sys(setsid);
  char folder[] = "/tmp/w0";
  folder[6] = (char)('0' + index);
  sys(mkdir, folder, 0777);
  sys(chdir, folder);
  struct rlimit most_files = {256, 256}, most_tasks = {60, 60};
  sys(setrlimit, RLIMIT_NOFILE, &most_files);
  sys(setrlimit, RLIMIT_NPROC, &most_tasks);
  map_arena();
  handle_signals(task);
  furnish(task);
  while (made[index] < until) {
    uint32_t at = made[index]++;
    if (at % 64 == 0) map_arena();
    if (at % 512 == 0) furnish(task);
    call_at_random(task);
  }
  leave(0);
}

static void start_worker(int index, uint32_t until, long *workers) {
  made[index] += 10; // So that one that always ends at once comes to an end as well.
  workers[index] = sys(fork);
  if (workers[index] == 0) work(index, until);
}
static void supervise(int generations, int count, uint32_t calls) {
  long workers[MOST_WORKERS];
  uint32_t seen[MOST_WORKERS], still[MOST_WORKERS];
  struct timespec tick = {0, 1000000};
  for (int generation = 0; generation < generations; generation++) {
    uint32_t until = calls * (uint32_t)(generation + 1);
    int living = 0;
    for (int i = 0; i < count; i++) {
      seen[i] = still[i] = 0;
      made[i] = calls * (uint32_t)generation;
      start_worker(i, until, workers);
      living += workers[i] > 0;
    }
    while (living > 0) {
      sys(nanosleep, &tick, 0);
      for (long ended; (ended = sys(wait4, -1, 0, 1 | 0x40000000, 0)) > 0;)
        for (int i = 0; i < count; i++)
          if (workers[i] == ended) {
            still[i] = 0;
            workers[i] = 0;
            living--;
            if (made[i] < until) start_worker(i, until, workers), living += workers[i] > 0;
          }
      for (int i = 0; i < count; i++) {
        if (workers[i] <= 0) continue;
        still[i] = made[i] == seen[i] ? still[i] + 1 : 0;
        seen[i] = made[i];
        if (still[i] > 0) sys(kill, workers[i], still[i] > 6 ? SIGKILL : still[i] % 2 ? SIGUSR1 : SIGALRM);
        if (still[i] == 5) sys(kill, workers[i], SIGCONT);
      }
    }
    sys(kill, -1, SIGKILL);
    for (int left = 200; left && sys(wait4, -1, 0, 1 | 0x40000000, 0) >= 0; left--) sys(nanosleep, &tick, 0);
  }
}
static void block_signals(void) {
  uint64_t all = -1UL;
  must(sys(rt_sigprocmask, 0, &all, 0, 8), "rt_sigprocmask");
}

int main(int count, char **words, char **environment) {
  (void)environment;
  supervisor = sys(getpid);
  read_table();
  if (count == 6 && is_same(words[1], "supervise")) {
    seed = (uint64_t)number_in(words[2], 1) * 0x9e3779b97f4a7c15;
    block_signals();
    made = (volatile uint32_t *)must(sys(mmap, 0, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), "mmap");
    supervise((int)number_in(words[3], 1), (int)number_in(words[4], 1), (uint32_t)number_in(words[5], 100));
    print("%s\n", "supervised to the end");
    return 0;
  }
  // Executed by one of the calls: a few more, from here.
  supervisor = 2;
  seed = (uint64_t)count * 77;
  map_arena();
  live(slots);
}
