// Executes cases on the real processor. A case is an instruction's bytes and a register file in the layout of engine/cpu/register-file.ts; what comes back is the
// file afterwards, the fault if there was one, and the memory that changed. Node writes a batch into a file that both map, sends a byte, and gets one back.
// The addresses and the exchange's layout are those of machine.ts. No thread-local storage here: FS is the guest's while a case runs.
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

enum { PAGE = 4096, FILE_BYTES = 832, MOST_CASES = 1024, ANSWER_BYTES = 896, ARENA_PAGES = 4 };
#define DATA 0x40000000ul
#define CODE 0x60000000ul
#define CODE_END (CODE + 2 * PAGE)
enum { INPUTS_AT = 0x8000, ANSWERS_AT = 0xe0000, CHANGES_AT = 0x1c0000, EXCHANGE_BYTES = 0x9c0000 };
enum { GENERAL = 0, RIP = 128, RFLAGS = 136, FS = 144, GS = 152, MXCSR = 176, CONTROL = 180, STATUS = 182, TAG = 184, X87 = 192, VECTORS = 320 };
enum { HANG = 255, CODE_SELECTOR = 0x33 };
#ifndef HWCAP2_FSGSBASE
#define HWCAP2_FSGSBASE 2
#endif

struct header {
  uint32_t count, codeLength;
  uint64_t codeAt, next;
  /** The instruction is a trap itself. */
  uint32_t isTrap, reserved;
  uint8_t code[32];
};
struct answer {
  uint8_t file[FILE_BYTES];
  uint32_t signal, code;
  uint64_t address;
  /** Of the arena's four pages as one block; the bytes lie in the exchange at `changes`. */
  uint32_t changedAt, changedBytes, changes;
  /** It came to code of 32 bits. */
  uint32_t isOtherCode, reserved[8];
};

_Static_assert(sizeof(struct answer) == ANSWER_BYTES, "the answers lie in a row");
uint8_t live[FILE_BYTES] __attribute__((aligned(64)));
uint8_t fx[512] __attribute__((aligned(64)));
uint64_t host_rsp, host_fs, jump_to;
uint32_t plain_mxcsr = 0x1f80;
static uint8_t *exchange;
static struct answer *now;
static const struct header *batch;
static uint8_t pristine[ARENA_PAGES * PAGE];
/** The kernel does not look what WRFSBASE has set: it must be told, or puts its own back whenever it switches. */
static int tells_bases;
/** Three pages may be written, the last only read; what lies between is absent. */
static uint8_t *const arena[ARENA_PAGES] = {(void *)(DATA + PAGE), (void *)(DATA + 2 * PAGE), (void *)(DATA + 4 * PAGE), (void *)(DATA + 5 * PAGE)};

void enter_case(void);
void landing(void);
void on_signal(int, siginfo_t *, void *);

__asm__(
    ".text\n.globl enter_case\nenter_case:\n"
    "push %rbx; push %rbp; push %r12; push %r13; push %r14; push %r15\n"
    "mov %rsp, host_rsp\n"
    "fxrstor64 fx\n"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovdqu live+320+32*\\n, %ymm\\n\n .endr\n"
    "movzbl live+188, %eax; mov %eax, %ds; movzbl live+189, %eax; mov %eax, %es; movzbl live+190, %eax; mov %eax, %fs; movzbl live+191, %eax; mov %eax, %gs\n"
    "mov live+144, %rax; wrfsbase %rax; mov live+152, %rax; wrgsbase %rax\n"
    "pushq live+136; popfq\n"
    "mov live+8, %rcx; mov live+16, %rdx; mov live+24, %rbx; mov live+40, %rbp; mov live+48, %rsi; mov live+56, %rdi\n"
    "mov live+64, %r8; mov live+72, %r9; mov live+80, %r10; mov live+88, %r11; mov live+96, %r12; mov live+104, %r13; mov live+112, %r14; mov live+120, %r15\n"
    "mov live, %rax; mov live+32, %rsp\n"
    "jmp *jump_to\n"
    ".globl landing\nlanding:\n"
    "mov %rax, live; mov %rcx, live+8; mov %rdx, live+16; mov %rbx, live+24; mov %rsp, live+32; mov %rbp, live+40; mov %rsi, live+48; mov %rdi, live+56\n"
    "mov %r8, live+64; mov %r9, live+72; mov %r10, live+80; mov %r11, live+88; mov %r12, live+96; mov %r13, live+104; mov %r14, live+112; mov %r15, live+120\n"
    "mov host_rsp, %rsp\n"
    "pushfq; popq live+136; pushq $0x202; popfq\n"
    ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n vmovdqu %ymm\\n, live+320+32*\\n\n .endr\n"
    "fxsave64 fx\n"
    "rdfsbase %rax; mov %rax, live+144; rdgsbase %rax; mov %rax, live+152\n"
    "mov %ds, live+188; mov %es, live+189; mov %fs, live+190; mov %gs, live+191\n"
    "mov host_fs, %rax; wrfsbase %rax\n"
    "movq $0, jump_to\n"
    "leave_case:\n"
    "fninit; ldmxcsr plain_mxcsr; vzeroupper\n"
    "pop %r15; pop %r14; pop %r13; pop %r12; pop %rbp; pop %rbx\n"
    "ret\n"
    ".globl on_signal\non_signal:\n"
    "rdfsbase %rcx; mov %rcx, live+144; rdgsbase %rcx; mov %rcx, live+152\n"
    "mov host_fs, %rax; wrfsbase %rax\n"
    "pushq $0x202; popfq\n"
    "mov %ds, live+188; mov %es, live+189; mov %fs, live+190; mov %gs, live+191\n"
    "and $-16, %rsp\n"
    "call caught\n"
    "mov host_rsp, %rsp\n"
    "jmp leave_case\n");

static void put64(int at, uint64_t value) { memcpy(live + at, &value, 8); }

/** The signal's frame holds what `landing` would have stored. */
void caught(int signal, siginfo_t *info, ucontext_t *context) {
  static const uint8_t order[] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI, REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15};
  const greg_t *general = context->uc_mcontext.gregs;
  for (int i = 0; i < 16; i++) put64(GENERAL + 8 * i, general[order[i]]);
  uint64_t rip = general[REG_RIP];
  put64(RFLAGS, general[REG_EFL]);
  const uint8_t *area = (const uint8_t *)context->uc_mcontext.fpregs;
  memcpy(fx, area, 512);
  uint64_t present;
  memcpy(&present, area + 512, 8);
  for (int i = 0; i < 16; i++) {
    memcpy(live + VECTORS + 32 * i, area + 160 + 16 * i, 16);
    // The upper halves are a component of their own, absent while all zero (Intel SDM vol. 1, 13.4.3).
    if (present & 4) memcpy(live + VECTORS + 32 * i + 16, area + 576 + 16 * i, 16);
    else memset(live + VECTORS + 32 * i + 16, 0, 16);
  }
  now->signal = signal;
  now->isOtherCode = (general[REG_CSGSFS] & 0xffff) != CODE_SELECTOR;
  now->code = info->si_code;
  now->address = signal == SIGTRAP && info->si_code == SI_KERNEL ? 0 : (uint64_t)info->si_addr;
  int isInside = rip >= batch->codeAt && rip < batch->next;
  int hasLanded = 0;
  if (signal == SIGTRAP && info->si_code == SI_KERNEL && !(batch->isTrap && rip == batch->next)) {
    rip--; // INT3 in what was not code: a jump went there.
    hasLanded = 1;
  } else if (signal == SIGTRAP && info->si_code == TRAP_TRACE) {
    // TF was set: it traps after the jump to `landing`.
    if (rip == (uint64_t)landing) rip = batch->next;
    hasLanded = 1;
  } else if ((signal == SIGSEGV || signal == SIGBUS) && !isInside && info->si_code != SI_KERNEL && rip == now->address) hasLanded = 1; // Nothing can be fetched there.
  if (hasLanded) now->signal = now->code = now->address = 0;
  if (signal == SIGVTALRM) now->signal = HANG, now->code = 0, now->address = 0;
  put64(RIP, rip);
  jump_to = 1;
}

/** Physical registers to ST(0) first, and back. */
static void to_fxsave(void) {
  memset(fx, 0, sizeof fx);
  memcpy(fx, live + CONTROL, 2);
  memcpy(fx + 2, live + STATUS, 2);
  fx[4] = live[TAG];
  memcpy(fx + 24, live + MXCSR, 4);
  int top = (live[STATUS + 1] >> 3) & 7;
  for (int i = 0; i < 8; i++) memcpy(fx + 32 + 16 * i, live + X87 + 16 * ((top + i) & 7), 10);
}
static void from_fxsave(void) {
  memcpy(live + CONTROL, fx, 2);
  memcpy(live + STATUS, fx + 2, 2);
  // ES and B follow from the rest.
  live[STATUS] &= 0x7f;
  live[STATUS + 1] &= 0x7f;
  live[TAG] = fx[4];
  memcpy(live + MXCSR, fx + 24, 4);
  memset(live + X87, 0, 128);
  int top = (live[STATUS + 1] >> 3) & 7;
  for (int i = 0; i < 8; i++) memcpy(live + X87 + 16 * ((top + i) & 7), fx + 32 + 16 * i, 10);
}

static void tell_bases(uint64_t fs, uint64_t gs) {
  if (!tells_bases) return;
  syscall(SYS_arch_prctl, ARCH_SET_FS, fs);
  syscall(SYS_arch_prctl, ARCH_SET_GS, gs);
}

static void find_changes(uint32_t *spill) {
  int first = -1, last = -1;
  for (int page = 0; page < ARENA_PAGES - 1; page++) {
    const uint8_t *was = pristine + page * PAGE, *is = arena[page];
    if (memcmp(was, is, PAGE) == 0) continue;
    int from = 0, to = PAGE - 1;
    while (was[from] == is[from]) from++;
    while (was[to] == is[to]) to--;
    if (first < 0) first = page * PAGE + from;
    last = page * PAGE + to;
  }
  if (first < 0) return;
  now->changedAt = first;
  now->changedBytes = last - first + 1;
  now->changes = *spill;
  for (int page = first / PAGE; page <= last / PAGE; page++) {
    int from = page == first / PAGE ? first % PAGE : 0, to = page == last / PAGE ? last % PAGE : PAGE - 1;
    if (*spill + to - from + 1 <= EXCHANGE_BYTES) memcpy(exchange + *spill, arena[page] + from, to - from + 1);
    *spill += to - from + 1;
    memcpy(arena[page] + from, pristine + page * PAGE + from, to - from + 1);
  }
}

static void run_batch(void) {
  const struct header *in = (void *)exchange;
  batch = in;
  memcpy(pristine, exchange + PAGE, sizeof pristine);
  mprotect(arena[3], PAGE, PROT_READ | PROT_WRITE);
  for (int page = 0; page < ARENA_PAGES; page++) memcpy(arena[page], pristine + page * PAGE, PAGE);
  mprotect(arena[3], PAGE, PROT_READ);
  memset((void *)CODE, 0xcc, CODE_END - CODE);
  uint64_t room = CODE_END - in->codeAt;
  memcpy((void *)in->codeAt, in->code, in->codeLength < room ? in->codeLength : room);
  if (in->next + 5 <= CODE_END) {
    int32_t distance = (int64_t)(uint64_t)landing - (int64_t)(in->next + 5);
    *(uint8_t *)in->next = 0xe9;
    memcpy((uint8_t *)in->next + 1, &distance, 4);
  }
  uint32_t spill = CHANGES_AT;
  for (uint32_t i = 0; i < in->count; i++) {
    now = (struct answer *)(exchange + ANSWERS_AT) + i;
    memset(&now->signal, 0, sizeof *now - FILE_BYTES);
    memcpy(live, exchange + INPUTS_AT + i * FILE_BYTES, FILE_BYTES);
    to_fxsave();
    jump_to = in->codeAt;
    uint64_t bases[2];
    memcpy(bases, live + FS, 16);
    tell_bases(bases[0], bases[1]);
    enter_case();
    tell_bases(host_fs, 0);
    if (jump_to == 0) put64(RIP, in->next);
    from_fxsave();
    uint64_t flags;
    memcpy(&flags, live + RFLAGS, 8);
    // RF is the processor's note about the fault.
    put64(RFLAGS, flags & ~0x10000ul);
    memcpy(now->file, live, FILE_BYTES);
    find_changes(&spill);
  }
}

static void map(uint64_t address, uint64_t bytes, int protection) {
  if (mmap((void *)address, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)address) _exit(3);
}

int main(int count, char **args) {
  if (count != 4) return 2;
  int file = open(args[1], O_RDWR);
  exchange = mmap(0, EXCHANGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  int asked = open(args[2], O_RDONLY), answered = open(args[3], O_WRONLY);
  map(DATA + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE);
  map(DATA + 4 * PAGE, 2 * PAGE, PROT_READ | PROT_WRITE);
  map(DATA + 6 * PAGE, PAGE, PROT_NONE);
  map(CODE, CODE_END - CODE, PROT_READ | PROT_WRITE | PROT_EXEC);
  // RDPID and LSL tell the processor's number, and ours has one that is 0. See own-definitions.ts for where there is none.
  sched_setaffinity(0, sizeof(cpu_set_t), &(cpu_set_t){{1}});
  __asm__ volatile("rdfsbase %0" : "=r"(host_fs));
  tells_bases = !(getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE);
  static uint8_t stack[1 << 16] __attribute__((aligned(64)));
  sigaltstack(&(stack_t){.ss_sp = stack, .ss_size = sizeof stack}, 0);
  // Not deferred and left by a jump: the way back through the kernel is saved.
  struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
  action.sa_sigaction = on_signal;
  const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGVTALRM};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, 0);
  uint8_t byte;
  while (read(asked, &byte, 1) == 1) {
    setitimer(ITIMER_VIRTUAL, &(struct itimerval){.it_value = {.tv_sec = 5}}, 0);
    run_batch();
    setitimer(ITIMER_VIRTUAL, &(struct itimerval){{0, 0}, {0, 0}}, 0);
    if (write(answered, &byte, 1) != 1) return 4;
  }
  return 0;
}
