// As whom somebody logged in (pam_loginuid(8)): /proc/PID/loginuid is written by the task itself, inherited, and told with the session's number; such files are cut off without an effect.
#include "check.h"

static long numbers[2];
static void show(const char *what) {
  char text[30];
  for (int i = 0; i < 2; i++) {
    int file = open(i ? "/proc/self/sessionid" : "/proc/self/loginuid", O_RDONLY);
    text[read(file, text, 29)] = 0, numbers[i] = atol(text), close(file);
  }
  printf("%s: %ld, %s\n", what, numbers[0], numbers[1] == 4294967295 ? "no session" : "a session");
}
static void set(const char *what, const char *path, const char *uid) {
  int file = open(path, O_RDWR);
  if (file == -1) return tell(what, -1);
  tell("cut off", ftruncate(file, 0)), tell(what, write(file, uid, strlen(uid))), close(file);
}
static const char own[] = "/proc/self/loginuid";
int main(void) {
  // Where the host's own task has one, it is taken away first.
  int file = open(own, O_WRONLY);
  write(file, "4294967295", 10), close(file);
  show("at first"), set("no number", own, "somebody"), set("negative", own, "-1"), set("too great", own, "4294967296"), set("empty", own, ""), set("a user", own, "1000\n"), show("logged in");
  long before = numbers[1];
  set("another", own, "7"), show("another"), check(numbers[1] == before + 1, "the next session");
  if (fork() == 0) show("a child"), set("its parent", "/proc/1/loginuid", "5"), setuid(12345), set("without privileges", own, "9"), show("as before"), _exit(0);
  wait(NULL), set("taken away", own, "4294967295"), show("at last"), tell("to read", ftruncate(open("/proc/self/status", O_RDONLY), 0)), tell("longer", ftruncate(open("/proc/self/comm", O_RDWR), 100));
  return 0;
}
