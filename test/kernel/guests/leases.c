// Leases (fcntl(2), F_SETLEASE): who may have one, whom opening the file tells, and who waits until it is given back.
#include "check.h"

static volatile int told, told_fd, told_code, told_band;
static void note(int signal, siginfo_t *info, void *_) { told = signal, told_fd = info->si_fd, told_code = info->si_code, told_band = info->si_band; }
static void news(const char *what, int fd) {
  if (told == 0) printf("%s: nothing\n", what);
  else if (told == SIGIO) printf("%s: SIGIO\n", what);
  else printf("%s: %d, %s, code %d, band %x\n", what, told - SIGRTMIN, told_fd == fd ? "its descriptor" : "another", told_code, told_band);
  fflush(stdout), told = 0;
}
static long lease(int fd, int type) { return fcntl(fd, F_SETLEASE, type); }
static void rights(void) {
  int file = open("file", O_RDWR), reader = open("file", O_RDONLY), folder = open(".", O_RDONLY), pipes[2];
  pipe(pipes);
  tell("for reading, while somebody writes", lease(reader, F_RDLCK)), tell("for writing, with another", lease(file, F_WRLCK));
  tell("none", fcntl(file, F_GETLEASE)), tell("give back what is not held", lease(file, F_UNLCK)), tell("no kind", lease(file, 7));
  tell("a directory", lease(folder, F_RDLCK)), tell("a pipe", lease(pipes[0], F_RDLCK)), tell("not open", lease(99, F_RDLCK));
  close(reader), tell("for writing", lease(file, F_WRLCK)), tell("held", fcntl(file, F_GETLEASE));
  int same = dup(file);
  tell("through a copy", fcntl(same, F_GETLEASE)), tell("given back", lease(same, F_UNLCK)), tell("again", lease(file, F_UNLCK)), close(same);
  tell("for reading, open for writing", lease(file, F_RDLCK)), close(file);
  file = open("file", O_RDONLY), reader = open("file", O_RDONLY);
  tell("for reading", lease(file, F_RDLCK)), tell("by another too", lease(reader, F_RDLCK)), tell("for writing now", lease(file, F_WRLCK));
  tell("held", fcntl(file, F_GETLEASE)), tell("given back", lease(file, F_UNLCK)), close(reader);
  tell("for writing", lease(file, F_WRLCK)), tell("for reading instead", lease(file, F_RDLCK)), tell("held", fcntl(file, F_GETLEASE)), close(file);
  if (fork() == 0) {
    file = open("file", O_RDONLY), setuid(1000), tell("another's file", lease(file, F_RDLCK)), _exit(0);
  }
  wait(NULL);
}
/// The other one opens the file while this one holds a lease.
static void broken(const char *what, int type, int flags, int answer) {
  int file = open("file", O_RDONLY), ends[2];
  int result;
  tell(what, lease(file, type));
  fcntl(file, F_SETSIG, SIGRTMIN + 1), pipe(ends);
  int child = fork();
  if (child == 0) {
    close(file);
    int other = flags == -1 ? truncate("file", 3) : flags == -2 ? execl("file", "file", NULL) : open("file", flags);
    int result = other == -1 ? errno : 0;
    write(ends[1], &result, sizeof result), _exit(0);
  }
  pass_time(50), news("  told", file), tell("  will be", fcntl(file, F_GETLEASE));
  struct pollfd done = {ends[0], POLLIN};
  tell("  the other is through", poll(&done, 1, 0));
  if (answer >= 0) tell("  given back", lease(file, answer));
  else close(file);
  waitpid(child, NULL, 0), tell("  the other is through", poll(&done, 1, 0)), read(ends[0], &result, sizeof result), printf("  the other: %s\n", result ? strerrorname_np(result) : "ok"), tell("  held", fcntl(file, F_GETLEASE)), close(file), close(ends[0]), close(ends[1]);
}
static void nothing(int _) {}
int main(void) {
  struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGIO, &action, NULL), sigaction(SIGRTMIN + 1, &action, NULL);
  close(open("file", O_RDWR | O_CREAT, 0700));
  rights();
  broken("reading, and somebody reads", F_RDLCK, O_RDONLY, F_UNLCK);
  broken("reading, and somebody writes", F_RDLCK, O_WRONLY, F_UNLCK);
  broken("writing, and somebody reads", F_WRLCK, O_RDONLY, F_RDLCK);
  broken("writing, and somebody reads, closed", F_WRLCK, O_RDONLY, -1);
  broken("writing, and somebody writes", F_WRLCK, O_RDWR, F_UNLCK);
  broken("writing, and somebody cannot wait", F_WRLCK, O_RDWR | O_NONBLOCK, F_UNLCK);
  broken("writing, and only a place", F_WRLCK, O_PATH, F_UNLCK);
  broken("reading, and it is cut", F_RDLCK, -1, F_UNLCK);
  broken("writing, and it is executed", F_WRLCK, -2, F_UNLCK);
  // By the same process: it is told, and must not wait for itself.
  int file = open("file", O_RDONLY);
  tell("its own", lease(file, F_WRLCK)), tell("opened again", open("file", O_RDONLY | O_NONBLOCK)), news("told", file), tell("will be", fcntl(file, F_GETLEASE));
  tell("once more", open("file", O_RDONLY | O_NONBLOCK)), news("told", file), tell("to write", open("file", O_WRONLY | O_NONBLOCK)), news("told", file), tell("will be", fcntl(file, F_GETLEASE));
  struct sigaction plain = {.sa_handler = nothing};
  struct itimerval soon = {{0, 0}, {0, 50000}};
  sigaction(SIGALRM, &plain, NULL), setitimer(ITIMER_REAL, &soon, NULL), tell("interrupted", open("file", O_RDONLY));
  tell("given back", lease(file, F_UNLCK)), works("opened", open("file", O_RDWR));
  return unlink("file");
}
