// Takes more than there is, of one thing, and says what stopped it: "THING COUNT ERRNO". What the counts mean is in limits.test.ts.
#include <linux/mman.h>
#include <asm/signal.h>
#include "linux.h"

static int said(const char *what, long count, long result) {
  print("%s %d %d\n", what, count, -result);
  return 0;
}
static volatile char sink;

/// Children that stay: each waits for ever.
static int take_processes(void) {
  for (long count = 0;; count++) {
    long child = sys(fork);
    if (child == 0) for (;;) sys(pause);
    if (child < 0) return said("fork", count, child);
  }
}
/// A child that multiplies, and all its children too; the parent outlives them.
static int bomb(void) {
  long first = must(sys(fork), "fork");
  if (first == 0) {
    sys(setpgid, 0, 0);
    for (;;) if (sys(fork) < 0) sys(sched_yield);
  }
  struct timespec while_it_grows = {0, 5000000};
  sys(nanosleep, &while_it_grows, 0);
  long result = sys(fork);
  if (result == 0) leave(0);
  sys(kill, -first, SIGKILL);
  return said("bomb", 0, result < 0 ? result : 0);
}
/// Memory that is written to, in pieces of 1 MiB: the kernel kills whoever takes the last of it.
static int fill_memory(void) {
  for (long count = 0;; count++) {
    char *piece = (char *)sys(mmap, 0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if ((long)piece < 0 && (long)piece > -4096) return said("memory", count, (long)piece);
    for (long at = 0; at < 1 << 20; at += 4096) piece[at] = 1;
  }
}
/// The same in a child, as a shell would start it.
static int fill_memory_in_child(void) {
  long child = must(sys(fork), "fork");
  if (child == 0) return fill_memory();
  return said("child", ending_signal(wait_for(child)), 0);
}
static int fill_heap(void) {
  long end = sys(brk, 0);
  for (long count = 0;; count++) {
    if (sys(brk, end + (1 << 20)) != end + (1 << 20)) return said("heap", count, -12);
    for (long at = 0; at < 1 << 20; at += 4096) ((char *)end)[at] = 1;
    end += 1 << 20;
  }
}
/// Addresses that nobody touches.
static int take_addresses(void) {
  for (long count = 0;; count++) {
    long area = sys(mmap, 0, 1L << 40, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area < 0 && area > -4096) return said("addresses", count, area);
  }
}
static int fill_file(void) {
  static char block[65536];
  memset(block, 'x', sizeof block);
  int fd = (int)must(sys(open, "/tmp/full", O_WRONLY | O_CREAT | O_TRUNC, 0644), "open");
  long written = 0;
  for (;;) {
    long result = sys(write, fd, block, sizeof block);
    if (result < 0) return sys(unlink, "/tmp/full"), said("file", written >> 20, result);
    written += result;
  }
}
/// More than there is memory, out of addresses that nobody touched: as much as one write takes.
static int write_addresses(void) {
  long area = must(sys(mmap, 0, 1L << 36, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), "mmap");
  int fd = (int)must(sys(open, "/dev/null", O_WRONLY, 0), "open");
  long result = sys(write, fd, area, 0x7ffff000);
  return said("write", result >> 20, result < 0 ? result : 0);
}
static int take_descriptors(void) {
  for (long count = 0;; count++) {
    long fd = sys(open, "/dev/null", O_RDONLY, 0);
    if (fd < 0) return said("descriptors", count, fd);
  }
}
/// More than one process may have: where its table is full, a child goes on with an empty one.
static int take_open_files(void) {
  for (long count = 0;;) {
    long fd = sys(open, "/dev/null", O_RDONLY, 0);
    if (fd >= 0) {
      count++;
      continue;
    }
    if (fd != -24) return said("open files", count, fd);
    long child = must(sys(fork), "fork");
    if (child) return exit_status(wait_for(child));
    must(sys(close_range, 3, ~0U, 0), "close_range");
  }
}
NEVER_INLINED static long recurse(long depth) {
  volatile char frame[1000];
  frame[0] = (char)depth;
  sink = frame[0];
  if (depth < 0) return 0;
  return recurse(depth + 1) + frame[0];
}
static int recurse_in_child(void) {
  long child = must(sys(fork), "fork");
  if (child == 0) return (int)recurse(0);
  return said("recursion", ending_signal(wait_for(child)), 0);
}
static int fill_pipe(void) {
  int ends[2];
  must(sys(pipe2, ends, O_NONBLOCK), "pipe2");
  for (long count = 0;; count++) {
    long result = sys(write, ends[1], "x", 1);
    if (result < 0) return said("pipe", count, result);
  }
}
static int fill_directory(long most) {
  must(sys(mkdir, "/tmp/many", 0755), "mkdir");
  must(sys(chdir, "/tmp/many"), "chdir");
  for (long count = 0; count < most; count++) {
    char name[] = "000000";
    long rest = count;
    for (int digit = 5; digit >= 0; digit--, rest /= 10) name[digit] = (char)('0' + rest % 10);
    long fd = sys(open, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
    if (fd < 0) return said("directory", count, fd);
    sys(close, fd);
  }
  static char entries[32768];
  long fd = must(sys(open, ".", O_RDONLY | O_DIRECTORY, 0), "open");
  long found = 0;
  for (long bytes; (bytes = must(sys(getdents64, fd, entries, sizeof entries), "getdents64")) > 0;)
    for (long at = 0; at < bytes; at += *(unsigned short *)(entries + at + 16)) found++;
  return said("directory", found, 0);
}

static const struct {
  const char *name;
  int (*take)(void);
} THINGS[] = {
    {"processes", take_processes}, {"bomb", bomb},   {"memory", fill_memory},           {"memory-in-child", fill_memory_in_child}, {"heap", fill_heap},
    {"addresses", take_addresses}, {"write", write_addresses}, {"file", fill_file},          {"descriptors", take_descriptors},         {"open-files", take_open_files},
    {"recursion", recurse_in_child}, {"pipe", fill_pipe},
};
int main(int count, char **words, char **environment) {
  (void)environment;
  if (count > 2 && is_same(words[1], "directory")) return fill_directory(number_in(words[2], 100));
  for (size_t i = 0; count > 1 && i < sizeof THINGS / sizeof *THINGS; i++)
    if (is_same(words[1], THINGS[i].name)) return THINGS[i].take();
  return 2;
}
