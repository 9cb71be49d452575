// What the guests that trace others share: ptrace(2) as the kernel has it, waiting, and telling of stops without the numbers of processes.
#include "check.h"
#include <elf.h>
#include <linux/ptrace.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <sys/user.h>

#define PTRACE_PEEKUSER PTRACE_PEEKUSR
#define PTRACE_POKEUSER PTRACE_POKEUSR
#ifndef PTRACE_GET_RSEQ_CONFIGURATION
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f
#endif

static long trace(long request, pid_t pid, unsigned long addr, unsigned long data) { return syscall(SYS_ptrace, request, pid, addr, data); }
static const char *const event_names[] = {"", "fork", "vfork", "clone", "exec", "vfork done", "exit", "seccomp"};
static void show_status(const char *what, int status) {
  if (WIFEXITED(status)) printf("%s: exited with %d\n", what, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) printf("%s: killed by SIG%s\n", what, sigabbrev_np(WTERMSIG(status)));
  else if (WIFCONTINUED(status)) printf("%s: goes on\n", what);
  else {
    int event = status >> 16, signal = WSTOPSIG(status);
    printf("%s: stopped by SIG%s%s%s%s\n", what, sigabbrev_np(signal & 127), signal & 128 ? " at a call" : "", event ? ", event " : "", event == 128 ? "stop" : event ? event_names[event] : "");
  }
  fflush(stdout);
}
// Waits for one, and says what came of it.
static int await(const char *what, pid_t pid, int options) {
  int status = 0;
  pid_t found = waitpid(pid, &status, options);
  if (found == -1) printf("%s: %s\n", what, strerrorname_np(errno)), fflush(stdout);
  else if (found == 0) printf("%s: nothing\n", what), fflush(stdout);
  else show_status(what, status);
  return status;
}
static unsigned long peek(pid_t pid, unsigned long address) {
  unsigned long word = 0;
  if (trace(PTRACE_PEEKDATA, pid, address, (unsigned long)&word) == -1) printf("peek: %s\n", strerrorname_np(errno));
  return word;
}
static unsigned long user(pid_t pid, size_t offset) {
  unsigned long word = 0;
  if (trace(PTRACE_PEEKUSER, pid, offset, (unsigned long)&word) == -1) printf("peekuser: %s\n", strerrorname_np(errno));
  return word;
}
#define REGISTER(name) offsetof(struct user_regs_struct, name)
static void show_signal(const char *what, pid_t pid) {
  siginfo_t info;
  if (trace(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&info) == -1) printf("%s: %s\n", what, strerrorname_np(errno));
  else printf("%s: signal %d code %d from %s\n", what, info.si_signo, info.si_code, info.si_pid == 0 ? "nobody" : info.si_pid == getpid() ? "me" : info.si_pid == pid ? "itself" : "another");
  fflush(stdout);
}
// A field of /proc/PID/status.
static void show_field(const char *what, pid_t pid, const char *field) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "r");
  while (file && fgets(line, sizeof line, file))
    if (strncmp(line, field, strlen(field)) == 0) {
      char *value = line + strlen(field) + 2;
      value[strcspn(value, "\n")] = 0;
      printf("%s: %s\n", what, strcmp(field, "TracerPid") == 0 ? (atoi(value) == getpid() ? "me" : atoi(value) == 0 ? "nobody" : "another") : value);
    }
  if (file) fclose(file);
  fflush(stdout);
}
