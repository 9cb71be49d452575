// Core files: when there is one, what wait tells, who owns it, and what stands in it: headers, notes, the memory that was written.
#include "check.h"
#include <elf.h>
#include <sys/prctl.h>
#include <sys/procfs.h>
#include <sys/user.h>

static char marker[64] __attribute__((aligned(64))) = "not yet";
static char *heap, *shared, *hidden, *away;
static void limit(long bytes) {
  struct rlimit core = {bytes, RLIM_INFINITY};
  setrlimit(RLIMIT_CORE, &core);
}
static void *sleeper(void *unused) { return (void *)(long)pause(); }
static void quits(void) { kill(getpid(), SIGQUIT), pause(); }
static void aborts(void) { abort(); }
static void faults(void) { *(volatile int *)16 = 1; }
static void dies(void) { kill(getpid(), SIGKILL); }
static void terminates(void) { raise(SIGTERM); }
static void unwilling(void) { prctl(PR_SET_DUMPABLE, 0), abort(); }
static void forbidden(void) { limit(4095), abort(); }
static void barely(void) { limit(4096), abort(); }
static void blocked(void) { mkdir("core", 0700), abort(); }
static void elsewhere(void) { mkdir("other", 0700), chdir("other"), abort(); }
static void full(void) {
  pthread_t thread;
  memset(heap = malloc(10000), 'h', 10000);
  memset(shared = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), 's', 8192);
  memset(hidden = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 'x', 8192), mprotect(hidden, 8192, PROT_NONE);
  memset(away = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), 'a', 8192), madvise(away, 8192, MADV_DONTDUMP);
  char *holes = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  holes[1 << 19] = 'm';
  sprintf(marker, "%p %p %p %p", shared, hidden, away, holes);
  pthread_create(&thread, NULL, sleeper, NULL), pass_time(5);
  asm volatile("mov $0x1234567, %%r15; movq %%r15, %%xmm7; mov %0, %%rax; movl $1, (%%rax)" : : "i"(24) : "rax", "r15", "xmm7");
}
static void run(const char *name, void (*act)(void), int keeps) {
  siginfo_t info = {0};
  struct stat status;
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) limit(1 << 28), act(), exit(0);
  waitid(P_PID, child, &info, WEXITED | WNOWAIT);
  int word;
  waitpid(child, &word, 0);
  printf("%s: signal %d, %s, %s, code %d; ", name, WTERMSIG(word), WCOREDUMP(word) ? "dumped" : "not dumped", info.si_code == CLD_DUMPED ? "told so" : "told not", info.si_status);
  if (lstat("core", &status) == 0) printf("%s %o by %d\n", S_ISREG(status.st_mode) ? "file" : "no file", status.st_mode & 07777, status.st_uid);
  else printf("no core\n");
  if (!keeps) remove("core");
}

static char *core;
static Elf64_Phdr *headers;
static int count;
static char *at(unsigned long address) {
  for (int i = 1; i < count; i++)
    if (address >= headers[i].p_vaddr && address < headers[i].p_vaddr + headers[i].p_filesz) return core + headers[i].p_offset + (address - headers[i].p_vaddr);
  return NULL;
}
static void look(void) {
  struct stat status;
  int fd = open("core", O_RDONLY);
  fstat(fd, &status);
  core = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  Elf64_Ehdr *elf = (void *)core;
  headers = (void *)(core + elf->e_phoff), count = elf->e_phnum;
  printf("type %d machine %d ident %d%d%d%d headers at %ld of %d\n", elf->e_type, elf->e_machine, elf->e_ident[4], elf->e_ident[5], elf->e_ident[6], elf->e_ident[7], (long)elf->e_phoff, elf->e_phentsize);
  check(headers[0].p_type == PT_NOTE && headers[0].p_offset == elf->e_phoff + count * 56ul, "notes come first");
  unsigned long end = headers[1].p_offset, ordered = end % 4096 == 0;
  for (int i = 1; i < count; i++) ordered &= headers[i].p_type == PT_LOAD && headers[i].p_offset == end && headers[i].p_align == 4096, end += headers[i].p_filesz;
  check(ordered && end == (unsigned long)status.st_size, "segments one after another, to the end");
  check(status.st_blocks * 512 < (1 << 20), "what nobody touched is a hole");
  int threads = 0, extended = 0, hasXsave = 0, unused;
  asm volatile("cpuid" : "=c"(hasXsave), "=a"(unused) : "a"(1), "c"(0) : "ebx", "edx");
  for (unsigned long place = headers[0].p_offset, stop = place + headers[0].p_filesz; place < stop;) {
    Elf64_Nhdr *note = (void *)(core + place);
    char *name = (char *)(note + 1), *content = name + (note->n_namesz + 3) / 4 * 4;
    place += sizeof *note + (note->n_namesz + 3) / 4 * 4 + (note->n_descsz + 3) / 4 * 4;
    struct elf_prstatus *state = (void *)content;
    struct elf_prpsinfo *process = (void *)content;
    struct user_regs_struct *registers = (void *)state->pr_reg;
    siginfo_t *info = (void *)content;
    if (note->n_type == NT_PRSTATUS) {
      printf("%s status %d: signal %d\n", name, note->n_descsz, state->pr_cursig);
      if (threads++ == 0) check(registers->r15 == 0x1234567 && registers->rax == 24 && registers->orig_rax == -1 && registers->cs == 0x33 && registers->fs_base != 0, "registers");
      else check(registers->orig_rax == SYS_pause, "waits in pause");
      check(state->pr_ppid == getpid() && state->pr_pgrp == getpgrp() && state->pr_sid == getsid(0) && state->pr_fpvalid == 1, "family");
    } else if (note->n_type == NT_PRPSINFO) {
      printf("%s process %d: %c %d\n", name, note->n_descsz, process->pr_sname, process->pr_nice);
      check(strncmp(process->pr_fname, "core-files", 10) == 0 && strstr(process->pr_psargs, "core-files") && process->pr_uid == getuid() && process->pr_ppid == getpid(), "name");
    } else if (note->n_type == NT_SIGINFO) printf("%s siginfo %d: %d %d %p\n", name, note->n_descsz, info->si_signo, info->si_code, info->si_addr);
    else if (note->n_type == NT_AUXV) {
      unsigned long *word = (void *)content;
      while (*word != AT_NULL && *word != AT_PAGESZ) word += 2;
      printf("%s auxv: page of %ld\n", name, word[1]);
    } else if (note->n_type == NT_FILE) {
      long *words = (void *)content;
      char *first = (char *)(words + 2 + 3 * words[0]);
      printf("%s files: unit %ld, offset of the first %ld\n", name, words[1], words[4]);
      check(strstr(first, "core-files") != NULL, "the program is mapped");
    } else if (note->n_type == NT_FPREGSET) printf("%s floating %d: %lx\n", name, note->n_descsz, threads == 1 ? *(long *)(content + 160 + 7 * 16) : 0);
    else if (note->n_type == NT_X86_XSTATE) extended += (strcmp(name, "LINUX") == 0 && (*(unsigned long *)(content + 464) & 7) == 7 && *(unsigned long *)(content + 160 + 7 * 16) == (threads == 1 ? 0x1234567 : *(unsigned long *)(content + 160 + 7 * 16)));
  }
  printf("%d threads\n", threads), check(extended == (hasXsave >> 27 & 1 ? threads : 0), "extended state");
  char *text = at((unsigned long)marker), *areas[4];
  sscanf(text, "%p %p %p %p", areas, areas + 1, areas + 2, areas + 3);
  check(at((unsigned long)areas[0]) && *at((unsigned long)areas[0]) == 's', "shared memory");
  check(at((unsigned long)areas[1]) && *at((unsigned long)areas[1]) == 'x', "memory that may not be read");
  check(!at((unsigned long)areas[2]), "not what asked to be left out");
  check(at((unsigned long)areas[3] + (1 << 19)) && *at((unsigned long)areas[3] + (1 << 19)) == 'm' && !*at((unsigned long)areas[3]), "between holes");
  check(at((unsigned long)__builtin_frame_address(0)) != NULL, "the stack");
  check(!at((unsigned long)look) || *at((unsigned long)look) == *(char *)look, "the program's code, or nothing");
  munmap(core, status.st_size), close(fd);
}
int main(void) {
  char program[200];
  program[readlink("/proc/self/exe", program, 199)] = 0;
  run("no limit", forbidden, 0), run("a page", barely, 0);
  run("quit", quits, 0), run("abort", aborts, 0), run("fault", faults, 0), run("killed", dies, 0), run("terminated", terminates, 0);
  run("not dumpable", unwilling, 0), run("a directory in the way", blocked, 1), rmdir("core");
  symlink("nowhere", "core"), run("a link in the way", aborts, 0);
  close(open("core", O_CREAT, 0666)), link("core", "kept"), run("a file in the way", aborts, 0), printf("the other name: %d\n", access("kept", F_OK)), unlink("kept");
  run("another directory", elsewhere, 0), printf("there: %d\n", unlink("other/core")), rmdir("other");
  run("threads", full, 1), look();
  return remove("core");
}
