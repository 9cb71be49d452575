// A menu that looks like a shell: reads lines, starts the program that the first word names, and waits for it.
// It has no quotes, pipes or redirections; that is what the BusyBox image is for.
#include "linux.h"

enum { LINE = 256, WORDS = 16 };
struct program {
  const char *name, *does;
};
static const struct program PROGRAMS[] = {
    {"hello", "says hello, with its words"},
    {"pipeline", "finds primes with a process for each; takes a limit"},
    {"pingpong", "two processes send each other signals; takes a number of rounds"},
    {"clock", "sleeps, and counts the ticks of a timer; takes a number of ticks"},
    {"race", "two processes add to one file; takes a number of times"},
    {"crash", "follows a bad pointer"},
};

static void help(void) {
  for (size_t i = 0; i < sizeof PROGRAMS / sizeof *PROGRAMS; i++) print("  %s: %s\n", PROGRAMS[i].name, PROGRAMS[i].does);
  print("  help: this list\n  exit [STATUS]: leave\n");
}

/// Reads up to a newline, a byte at a time, so that a program started from here finds the rest of the input.
static int read_line(char *line) {
  for (int length = 0; length < LINE - 1; length++) {
    if (must(sys(read, 0, line + length, 1), "read") == 0) {
      line[length] = 0;
      return length > 0;
    }
    if (line[length] == '\n') {
      line[length] = 0;
      return 1;
    }
  }
  line[LINE - 1] = 0;
  return 1;
}

static int split(char *line, char **words) {
  int count = 0;
  while (count < WORDS - 1) {
    while (*line == ' ' || *line == '\t') *line++ = 0;
    if (!*line) break;
    words[count++] = line;
    while (*line && *line != ' ' && *line != '\t') line++;
  }
  words[count] = 0;
  return count;
}

static void execute(char **words, char **environment) {
  char path[LINE + 8] = "/bin/";
  memcpy(path + 5, words[0], text_length(words[0]) + 1);
  sys(execve, words[0][0] == '/' ? words[0] : path, words, environment);
  print_to(2, "%s: there is no such program; help lists what there is\n", words[0]);
  leave(127);
}

static int start_and_wait(char **words, char **environment) {
  long child = must(sys(fork), "fork");
  if (child == 0) execute(words, environment);
  int status = wait_for(child);
  if (!ending_signal(status)) return exit_status(status);
  print("%s was ended by signal %d\n", words[0], (long)ending_signal(status));
  return 128 + ending_signal(status);
}

int main(int count, char **arguments, char **environment) {
  char line[LINE], *words[WORDS];
  int status = 0;
  if (count > 1) execute(arguments + 1, environment);
  print("Chronix demo programs; help lists them.\n");
  for (;;) {
    print("> ");
    if (!read_line(line)) return print("\n"), status;
    int found = split(line, words);
    if (found == 0) continue;
    if (is_same(words[0], "exit")) return found > 1 ? (int)number_in(words[1], 2) : status;
    if (is_same(words[0], "help")) help();
    else status = start_and_wait(words, environment);
  }
}
