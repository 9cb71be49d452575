// Two processes add to a number in a file, each reading it, adding one and writing it back, with nothing to keep the other out in between.
// Whether an addition is lost depends only on when the machine switches between them. Status 1 says that one was.
#include "linux.h"

static const char PATH[] = "/tmp/race";

static long read_count(int fd) {
  long count = 0;
  must(sys(pread64, fd, &count, sizeof count, 0), "pread64");
  return count;
}

static void write_count(int fd, long count) {
  must(sys(pwrite64, fd, &count, sizeof count, 0), "pwrite64");
}

static void add(int fd, long times) {
  for (long i = 0; i < times; i++) {
    long count = read_count(fd);
    for (volatile int thinking = 0; thinking < 1000; thinking++) continue;
    write_count(fd, count + 1);
  }
}

int main(int count, char **words, char **environment) {
  (void)environment;
  long times = count > 1 ? number_in(words[1], 20) : 20;
  int fd = (int)must(sys(open, PATH, O_RDWR | O_CREAT | O_TRUNC, 0644), "open");
  write_count(fd, 0);
  long other = must(sys(fork), "fork");
  add(fd, times);
  if (other == 0) return 0;
  wait_for(other);
  long found = read_count(fd);
  print("added %d times, found %d: %s\n", 2 * times, found, found == 2 * times ? "nothing was lost" : "additions were lost");
  sys(unlink, PATH);
  return found != 2 * times;
}
