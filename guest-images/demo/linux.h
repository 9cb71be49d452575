// All that the demo programs have between them and the kernel: a start, system calls, and a little text. There is no libc,
// so that each program is a few kilobytes and every system call in its log is one that its source shows.
#pragma once
#include <asm/unistd.h>
#include <linux/fcntl.h>
#include <linux/signal.h>
#include <linux/time.h>
#include <linux/wait.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

int main(int count, char **words, char **environment);

#define NEVER_INLINED __attribute__((noinline, noclone))

static inline long call(long number, long a, long b, long c, long d, long e, long f) {
  register long r10 __asm__("r10") = d;
  register long r8 __asm__("r8") = e;
  register long r9 __asm__("r9") = f;
  long result;
  __asm__ volatile("syscall" : "=a"(result) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
  return result;
}
#define CALL_6(number, a, b, c, d, e, f, ...) call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
/// A system call with up to six arguments; fails with a negative errno.
#define sys(name, ...) CALL_6(__NR_##name, ##__VA_ARGS__, 0, 0, 0, 0, 0, 0)

__attribute__((noreturn)) static inline void leave(int status) {
  for (;;) sys(exit_group, status);
}

// The kernel enters with the count at the top of the stack and the words above it, and no return address (System V ABI, 3.4.1).
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n hlt\n");
__attribute__((noreturn, used)) void start(long *stack) {
  int count = (int)stack[0];
  char **words = (char **)(stack + 1);
  leave(main(count, words, words + count + 1));
}

// The compiler may turn loops and assignments into calls of these two.
__attribute__((used)) void *memcpy(void *to, const void *from, size_t length) {
  void *result = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(length) : : "memory");
  return result;
}
__attribute__((used)) void *memset(void *to, int byte, size_t length) {
  void *result = to;
  __asm__ volatile("rep stosb" : "+D"(to), "+c"(length) : "a"(byte) : "memory");
  return result;
}

static inline size_t text_length(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}

static inline int is_same(const char *left, const char *right) {
  while (*left && *left == *right) left++, right++;
  return *left == *right;
}

static inline long number_in(const char *text, long otherwise) {
  long number = 0;
  if (!*text) return otherwise;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return otherwise;
    number = number * 10 + (*text - '0');
  }
  return number;
}

struct line {
  char text[512];
  size_t length;
};

static inline void add_byte(struct line *line, char byte) {
  if (line->length < sizeof line->text) line->text[line->length++] = byte;
}

static inline void add_number(struct line *line, long number) {
  char digits[20];
  int count = 0;
  unsigned long rest = number < 0 ? -(unsigned long)number : (unsigned long)number;
  do digits[count++] = (char)('0' + rest % 10);
  while (rest /= 10);
  if (number < 0) add_byte(line, '-');
  while (count) add_byte(line, digits[--count]);
}

/// Prints with one write, so that lines of several processes do not mix. Knows %s, %d (a long), %c and %%.
static void print_to(int fd, const char *form, ...) {
  struct line line;
  line.length = 0;
  va_list values;
  va_start(values, form);
  for (; *form; form++) {
    if (*form != '%') add_byte(&line, *form);
    else if (*++form == 's') for (const char *text = va_arg(values, const char *); *text; text++) add_byte(&line, *text);
    else if (*form == 'd') add_number(&line, va_arg(values, long));
    else if (*form == 'c') add_byte(&line, (char)va_arg(values, int));
    else add_byte(&line, *form);
  }
  va_end(values);
  sys(write, fd, line.text, line.length);
}
#define print(...) print_to(1, __VA_ARGS__)

/// Ends the program with a sentence where a call failed.
static inline long must(long result, const char *what) {
  if (result < 0) {
    print_to(2, "%s: error %d\n", what, -result);
    leave(1);
  }
  return result;
}

#define exit_status(status) (((status) >> 8) & 255)
#define ending_signal(status) ((status) & 127)

static inline int wait_for(long pid) {
  int status = 0;
  must(sys(wait4, pid, &status, 0, 0), "wait4");
  return status;
}

// x86-64 demands a restorer: the kernel has no return path of its own (sigreturn(2)).
void restore(void);
__asm__("restore: mov $15, %eax\n syscall\n");

static inline void on_signal(int signal, void (*handler)(int)) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTORER, .sa_restorer = restore, .sa_mask = 0};
  must(sys(rt_sigaction, signal, &action, 0, sizeof(sigset_t)), "rt_sigaction");
}
