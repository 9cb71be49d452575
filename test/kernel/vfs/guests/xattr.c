// Extended attributes: values, sizes, flags, names, and the order of errnos. Prints the same on Linux.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static void show(const char *what, long result) {
  printf("%s: %ld %s\n", what, result, result < 0 ? strerrorname_np(errno) : "");
}
#define SHOW(call) (errno = 0, show(#call, call))

int main(void) {
  static char big[65537], name[300], buf[64];
  memset(name, 'n', 299);
  memcpy(name, "security.", 9);
  int fd = open("f", O_CREAT | O_RDWR, 0644);
  symlink("f", "l");
  SHOW(getxattr("f", "security.a", buf, 64));
  SHOW(setxattr("f", "security.a", "value", 5, 0));
  SHOW(getxattr("f", "security.a", NULL, 0));
  SHOW(getxattr("f", "security.a", buf, 4));
  SHOW(getxattr("l", "security.a", buf, 64));
  printf("%.5s\n", buf);
  SHOW(lgetxattr("l", "security.a", buf, 64));
  SHOW(fgetxattr(fd, "security.a", (void *)8, 64));
  SHOW(setxattr("f", "security.a", "x", 1, XATTR_CREATE));
  SHOW(setxattr("f", "security.b", "x", 1, XATTR_REPLACE));
  SHOW(setxattr("f", "security.a", "", 0, XATTR_REPLACE));
  SHOW(fgetxattr(fd, "security.a", buf, 64));
  SHOW(setxattr("f", "trusted.t", "trust", 5, 0));
  SHOW(listxattr("f", NULL, 0));
  SHOW(listxattr("f", buf, 5));
  SHOW(flistxattr(fd, buf, 64));
  SHOW(llistxattr("l", buf, 64));
  SHOW(setxattr("f", "nonsense", "x", 1, 0));
  SHOW(setxattr("f", "", "x", 1, 0));
  SHOW(setxattr("f", name, "x", 1, 0));
  SHOW(setxattr("f", "security.a", "x", 1, 4));
  SHOW(setxattr("f", "security.a", big, 65537, 0));
  SHOW(setxattr("none", "security.a", "x", 1, 0));
  SHOW(getxattr("none", name, buf, 1));
  SHOW(getxattr("none", "security.a", buf, 1));
  SHOW(fsetxattr(77, "security.a", "x", 1, 0));
  SHOW(fremovexattr(open("f", O_PATH), "security.a"));
  SHOW(getxattr("f", "system.posix_acl_access", buf, 64));
  SHOW(lsetxattr("l", "user.a", "x", 1, 0));
  SHOW(lgetxattr("l", "user.a", buf, 1));
  SHOW(getxattr("/proc/self/status", "user.a", buf, 1));
  SHOW(removexattr("f", "security.none"));
  SHOW(removexattr("f", "security.a"));
  SHOW(lremovexattr("f", "trusted.t"));
  SHOW(listxattr("f", buf, 64));
  setresuid(-1, 1000, -1);
  SHOW(setxattr("f", "security.c", "x", 1, 0));
  SHOW(setxattr("f", "trusted.t", "x", 1, 0));
  SHOW(getxattr("f", "trusted.t", buf, 1));
  SHOW(setxattr("f", "user.u", "x", 1, 0));
  return 0;
}
