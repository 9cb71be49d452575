// Directories that are removed while somebody is in them: what is above stays to be found, as long as it is needed, and nothing can be made there.
#include "check.h"
#include <sys/prctl.h>

static void look(const char *what) {
  struct stat here, above, further;
  char path[300];
  printf("%s: %d %d %d", what, stat(".", &here), stat("..", &above), stat("../..", &further));
  printf(" links %d %d, path %s\n", (int)here.st_nlink, (int)above.st_nlink, getcwd(path, sizeof path) ? "there" : strerrorname_np(errno)), fflush(stdout);
}
static void in_domain(void) {
  uint64_t handled = 4 | 8;
  int ruleset = syscall(444, &handled, 8, 0);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), syscall(446, ruleset, 0), tell("here", open(".", O_RDONLY)), tell("above", open("..", O_RDONLY)), tell("a file", open("../file", O_RDONLY)), exit(0);
}
int main(void) {
  char link[300];
  if (syscall(444, NULL, 0, 1) == -1) return not_compared("Landlock");
  int start = open(".", O_RDONLY);
  mkdir("a", 0755), mkdir("a/b", 0755), mkdir("a/b/c", 0755), chdir("a/b/c");
  int within = open(".", O_RDONLY);
  look("all there"), rmdir("../../../a/b/c"), look("one removed"), rmdir("../../../a/b"), look("two"), rmdir("../../../a"), look("three");
  tell("make", mkdir("x", 0755)), tell("make above", mkdir("../x", 0755)), tell("open", open("x", O_CREAT | O_RDWR, 0600)), works("list", open("..", O_RDONLY)), check(readlink("/proc/self/cwd", link, 299) > 0 && strstr(link, "(deleted)") != NULL, "deleted");
  if (fork() == 0) in_domain();
  wait(NULL), tell("up", chdir("..")), look("from above"), tell("up", chdir("..")), look("from further above"), tell("up", chdir("..")), check(access("a", F_OK) == -1 && errno == ENOENT, "where all began"), tell("back", fchdir(within)), look("by descriptor"), close(within), fchdir(start);
  for (int i = 0; i < 20; i++) {
    mkdir("p", 0755), mkdir("p/q", 0755), chdir("p/q"), rmdir("../../p/q"), mkdir("../../r", 0755), rmdir("../../p"), mkdir("../../s", 0755), rmdir("../../r"), rmdir("../../s"), fchdir(start);
  }
  char path[300];
  check(getcwd(path, sizeof path) != NULL, "after all");
  return 0;
}
