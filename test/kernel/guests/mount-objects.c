// Mounts made by descriptor: contexts and their parameters, mounts that are nowhere yet, where they are moved to, their attributes.
#include "check.h"
#include <linux/mount.h>
#include <sys/statfs.h>
#include <sys/vfs.h>

static long fsconfig(int fd, int cmd, const char *key, const void *value, int aux) { return syscall(SYS_fsconfig, fd, cmd, key, value, aux); }
static long move(int from, const char *from_path, int to, const char *to_path, int flags) { return syscall(SYS_move_mount, from, from_path, to, to_path, flags); }
static void show(const char *path) {
  struct stat status;
  struct statfs system;
  if (stat(path, &status) || statfs(path, &system)) tell(path, -1);
  else printf("%s: %o %d:%d %s, flags %lx\n", path, status.st_mode & 07777, status.st_uid, status.st_gid, system.f_type == 0x1021994 ? "tmpfs" : "another", system.f_flags & 15);
}
static long attributes(int fd, const char *path, int flags, unsigned long set, unsigned long clear, long size) {
  struct { unsigned long set, clear, propagation, userns, more[2]; } attr = {set, clear};
  return syscall(SYS_mount_setattr, fd, path, flags, &attr, size);
}
enum { MOVED = 8192 };
int umount(const char *);
static long mount_at(const char *path, const void *data, unsigned long flags) { return syscall(SYS_mount, "none", path, "tmpfs", flags, data); }
static long mount_to(const char *from, const char *to, unsigned long flags) { return syscall(SYS_mount, from, to, NULL, flags, NULL); }
int main(void) {
  char text[100];
  mkdir("here", 0755), mkdir("there", 0755), close(open("plain", O_CREAT, 0600));
  tell("no type", syscall(SYS_fsopen, "chronixfs", 0)), tell("flags", syscall(SYS_fsopen, "tmpfs", 2)), tell("nowhere", syscall(SYS_fsopen, (void *)8, 0));
  int context = works("tmpfs", syscall(SYS_fsopen, "tmpfs", FSOPEN_CLOEXEC));
  tell("close on exec", fcntl(context, F_GETFD)), tell("nothing to read", read(context, text, 100)), tell("not to write", write(context, "x", 1));
  tell("mode", fsconfig(context, FSCONFIG_SET_STRING, "mode", "0750", 0)), tell("owner", fsconfig(context, FSCONFIG_SET_STRING, "uid", "5", 0)), tell("group", fsconfig(context, FSCONFIG_SET_STRING, "gid", "6", 0)), tell("size", fsconfig(context, FSCONFIG_SET_STRING, "size", "1M", 0)), tell("source", fsconfig(context, FSCONFIG_SET_STRING, "source", "mine", 0)), tell("twice", fsconfig(context, FSCONFIG_SET_STRING, "source", "mine", 0));
  tell("unknown", fsconfig(context, FSCONFIG_SET_STRING, "colour", "red", 0)), tell("no mode", fsconfig(context, FSCONFIG_SET_STRING, "mode", "abc", 0)), tell("a flag", fsconfig(context, FSCONFIG_SET_FLAG, "rw", NULL, 0)), tell("no flag", fsconfig(context, FSCONFIG_SET_FLAG, "mode", NULL, 0)), tell("a flag with a value", fsconfig(context, FSCONFIG_SET_FLAG, "ro", "x", 0)), tell("a string without", fsconfig(context, FSCONFIG_SET_STRING, "mode", NULL, 0)), tell("without a key", fsconfig(context, FSCONFIG_SET_STRING, NULL, "x", 0)), tell("a number too many", fsconfig(context, FSCONFIG_SET_STRING, "mode", "700", 1)), tell("no command", fsconfig(context, 50, NULL, NULL, 0)), tell("no context", fsconfig(0, FSCONFIG_CMD_CREATE, NULL, NULL, 0)), tell("no descriptor", fsconfig(99, FSCONFIG_CMD_CREATE, NULL, NULL, 0)), tell("less than none", fsconfig(-1, FSCONFIG_CMD_CREATE, NULL, NULL, 0)), tell("create with a key", fsconfig(context, FSCONFIG_CMD_CREATE, "x", NULL, 0)), tell("nowhere", fsconfig(context, FSCONFIG_SET_STRING, (void *)8, "x", 0));
  tell("not made yet", syscall(SYS_fsmount, context, 0, 0)), tell("nothing to change", fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0)), tell("create", fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0)), tell("again", fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0)), tell("too late", fsconfig(context, FSCONFIG_SET_STRING, "mode", "0700", 0));
  tell("flags", syscall(SYS_fsmount, context, 2, 0)), tell("attributes", syscall(SYS_fsmount, context, 0, 0x10000)), tell("no context", syscall(SYS_fsmount, 0, 0, 0)), tell("no descriptor", syscall(SYS_fsmount, 99, 0, 0));
  int mount = works("mount", syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV));
  tell("not to read", read(mount, text, 100)), tell("close on exec", fcntl(mount, F_GETFD)), close(context);
  int file = works("a file in it", openat(mount, "inside", O_CREAT | O_RDWR, 0644));
  close(file), tell("no mount", move(AT_FDCWD, "here", AT_FDCWD, "there", 0)), tell("no place", move(mount, "", AT_FDCWD, "nowhere", MOVE_MOUNT_F_EMPTY_PATH)), tell("not onto a file", move(mount, "", AT_FDCWD, "plain", MOVE_MOUNT_F_EMPTY_PATH)), tell("not an empty path", move(mount, "", AT_FDCWD, "here", 0)), tell("flags", move(mount, "", AT_FDCWD, "here", 0x1000));
  tell("move", move(mount, "", AT_FDCWD, "here", MOVE_MOUNT_F_EMPTY_PATH)), show("here"), tell("the file", access("here/inside", F_OK)), close(mount), show("here");
  tell("on", move(AT_FDCWD, "here", AT_FDCWD, "there", 0)), show("there"), tell("not here", access("here/inside", F_OK)), tell("there", access("there/inside", F_OK)), mkdir("there/deep", 0755), tell("into itself", move(AT_FDCWD, "there", AT_FDCWD, "there/deep", 0));
  tell("read only", attributes(AT_FDCWD, "there", 0, MOUNT_ATTR_RDONLY, 0, 32)), show("there"), tell("not to make", mkdir("there/x", 0755)), tell("again", attributes(AT_FDCWD, "there", 0, MOUNT_ATTR_NOEXEC, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV, 32)), show("there");
  tell("nothing", attributes(AT_FDCWD, "there", 0, 0, 0, 32)), tell("unknown", attributes(AT_FDCWD, "there", 0, 0x10000, 0, 32)), tell("small", attributes(AT_FDCWD, "there", 0, 1, 0, 31)), tell("large", attributes(AT_FDCWD, "there", 0, 1, 0, 5000)), tell("longer", attributes(AT_FDCWD, "there", 0, 0, 0, 48)), tell("flags", attributes(AT_FDCWD, "there", 1, 1, 0, 32)), tell("no mount", attributes(AT_FDCWD, "there/deep", 0, 1, 0, 32)), tell("no path", attributes(AT_FDCWD, "nowhere", 0, 1, 0, 32));
  int picked = works("pick", syscall(SYS_fspick, AT_FDCWD, "there", 0));
  tell("read only", fsconfig(picked, FSCONFIG_SET_FLAG, "ro", NULL, 0)), tell("change", fsconfig(picked, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0)), tell("not to make", mkdir("there/x", 0755)), close(picked), tell("no mount", syscall(SYS_fspick, AT_FDCWD, "there/deep", 0)), tell("flags", syscall(SYS_fspick, AT_FDCWD, "there", 64)), tell("no path", syscall(SYS_fspick, AT_FDCWD, "nowhere", 0));
  int tree = works("tree", syscall(SYS_open_tree, AT_FDCWD, "there/inside", OPEN_TREE_CLOEXEC));
  tell("only a path", read(tree, text, 100)), tell("close on exec", fcntl(tree, F_GETFD)), close(tree), tell("flags", syscall(SYS_open_tree, AT_FDCWD, "there", 2)), tell("recursively", syscall(SYS_open_tree, AT_FDCWD, "there", AT_RECURSIVE)), tell("no path", syscall(SYS_open_tree, AT_FDCWD, "nowhere", 0));
  tell("unmount", umount("there")), tell("gone", access("there/inside", F_OK));
  context = syscall(SYS_fsopen, "tmpfs", 0), fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), mount = syscall(SYS_fsmount, context, 0, 0), mkdirat(mount, "lost", 0755), tell("twice", syscall(SYS_fsmount, context, 0, 0)), close(mount), close(context);
  if (fork() == 0) {
    setresuid(1000, 1000, 1000);
    tell("not to open", syscall(SYS_fsopen, "tmpfs", 0)), tell("nor to mount", syscall(SYS_fsmount, 99, 0, 0)), tell("nor to move", move(AT_FDCWD, "here", AT_FDCWD, "there", 0)), tell("nor to pick", syscall(SYS_fspick, AT_FDCWD, "here", 0)), tell("nor to change", attributes(AT_FDCWD, "here", 0, 1, 0, 32)), tell("nor to copy", syscall(SYS_open_tree, AT_FDCWD, "/", OPEN_TREE_CLONE)), works("but to look", syscall(SYS_open_tree, AT_FDCWD, "/", 0)), exit(0);
  }
  wait(NULL);
  tell("by mount", mount_at("here", "mode=711,uid=3,size=64k", 0)), show("here"), mkdir("here/kept", 0755), tell("move", mount_to("here", "there", MOVED)), show("there"), tell("kept", access("there/kept", F_OK)), tell("no mount", mount_to("there/kept", "here", MOVED)), tell("into itself", mount_to("there", "there/kept", MOVED)), tell("nothing", mount_to("nowhere", "here", MOVED)), tell("no name", mount_to(NULL, "here", MOVED)), tell("away", umount("there"));
  tell("unknown", mount_at("here", "colour=red", 0)), tell("no mode", mount_at("here", "mode=xyz", 0)), tell("flags", mount_at("here", "rw", 0)), umount("here"), tell("nowhere", mount_at("here", (void *)8, 0));
  return rmdir("here") + rmdir("there") + unlink("plain");
}
