// personality(2), as setarch(8) uses it: what uname(2) then says of the machine and of its kernel, here, in children, and after execve.
#include "check.h"
#include <sys/personality.h>
#include <sys/utsname.h>

static void show(const char *what) {
  struct utsname names;
  unsigned patch = 0;
  uname(&names);
  // Of the release only what all of them have.
  printf("%s: %s, %s\n", what, names.machine, sscanf(names.release, "2.6.%u", &patch) == 1 && patch >= 60 ? "old" : "new");
  fflush(stdout);
}
int main(int count, char **arguments) {
  if (count > 1) return show("executed"), tell("personality", personality(0xffffffff)), 0;
  show("at first"), tell("32 bits", personality(PER_LINUX32)), show("32 bits");
  tell("2.6", personality(PER_LINUX | UNAME26)), show("2.6"), tell("both", personality(PER_LINUX32 | UNAME26)), show("both");
  if (fork() == 0) show("a child"), execl("/proc/self/exe", "again", "executed", NULL), _exit(1);
  wait(NULL), tell("back", personality(PER_LINUX)), show("back");
  return 0;
}
