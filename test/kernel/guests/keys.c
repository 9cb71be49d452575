// Keys and keyrings: those that a process has, what is in them, who may do what, searching, links, what time and refusal make of them.
#include "check.h"
#include <linux/keyctl.h>

static long keyctl(int operation, long a, long b, long c, long d) { return syscall(SYS_keyctl, operation, a, b, c, d); }
static long add(const char *type, const char *name, const void *payload, long length, long ring) { return syscall(SYS_add_key, type, name, payload, length, ring); }
static long request(const char *type, const char *name, const char *callout, long ring) { return syscall(SYS_request_key, type, name, callout, ring); }
static void describe(const char *what, long key) {
  char text[300] = "";
  long length = keyctl(KEYCTL_DESCRIBE, key, (long)text, 300, 0);
  if (length == -1) tell(what, -1);
  else printf("%s: %ld %s\n", what, length, text);
  fflush(stdout);
}
static void content(const char *what, long key) {
  char bytes[100] = "";
  long length = keyctl(KEYCTL_READ, key, (long)bytes, 100, 0);
  if (length == -1) tell(what, -1);
  else printf("%s: %ld %.*s\n", what, length, (int)length, bytes);
  fflush(stdout);
}
static int holds(long ring, long key) {
  int serials[50];
  long length = keyctl(KEYCTL_READ, ring, (long)serials, sizeof serials, 0);
  for (int i = 0; i < length / 4; i++) if (serials[i] == key) return i + 1;
  return 0;
}
static void *in_thread(void *unused) {
  describe("another thread's", KEY_SPEC_THREAD_KEYRING), describe("the process's", KEY_SPEC_PROCESS_KEYRING);
  return NULL;
}
int main(int count, char **words) {
  if (count > 1) return describe("after execve: thread", KEY_SPEC_THREAD_KEYRING), describe("process", KEY_SPEC_PROCESS_KEYRING), describe("session", KEY_SPEC_SESSION_KEYRING), 0;
  describe("no thread's", KEY_SPEC_THREAD_KEYRING), describe("no process's", KEY_SPEC_PROCESS_KEYRING), describe("user's", KEY_SPEC_USER_KEYRING), describe("user's session", KEY_SPEC_USER_SESSION_KEYRING);
  describe("group's", KEY_SPEC_GROUP_KEYRING), describe("authority", KEY_SPEC_REQKEY_AUTH_KEY), describe("none", 0), describe("unknown", 12345), describe("no number", -9);
  tell("not made", keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 0, 0, 0));
  works("session", keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)), describe("session", KEY_SPEC_SESSION_KEYRING);
  long thread = works("thread", keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_THREAD_KEYRING, 1, 0, 0)), process = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1, 0, 0), session = keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0);
  describe("thread", thread), describe("process", process);
  long key = works("key", add("user", "chronix:one", "hello", 5, KEY_SPEC_PROCESS_KEYRING));
  describe("key", key), content("key", key), check(holds(process, key) == 1, "linked"), tell("again", add("user", "chronix:one", "changed", 7, process) - key), content("key", key);
  long logon = works("logon", add("logon", "service:name", "secret", 6, process)), ring = works("ring", add("keyring", "ring", NULL, 0, process));
  describe("logon", logon), content("logon", logon), describe("ring", ring), content("ring", ring);
  tell("no service", add("logon", "name", "secret", 6, process)), tell("no type", add("nonsense", "a", "b", 1, process)), tell("reserved", add(".hidden", "a", "b", 1, process)), tell("empty type", add("", "a", "b", 1, process)), tell("long type", add("a123456789012345678901234567890123", "a", "b", 1, process)), tell("no payload", add("user", "a", NULL, 0, process)), tell("too much", add("user", "a", "b", 1 << 20, process)), tell("a ring with payload", add("keyring", "a", "b", 1, process)), tell("a ring that is hidden", add("keyring", ".a", NULL, 0, process)), tell("nowhere", add("user", "a", (void *)8, 1, process)), tell("no description", add("user", NULL, "b", 1, process)), tell("no ring", add("user", "a", "b", 1, 12345)), tell("no such ring", add("user", "a", "b", 1, 0)), tell("not a ring", add("user", "a", "b", 1, key)), tell("no strings", add((void *)8, "a", "b", 1, process));
  tell("update", keyctl(KEYCTL_UPDATE, key, (long)"new", 3, 0)), content("key", key), tell("update to nothing", keyctl(KEYCTL_UPDATE, key, 0, 0, 0)), tell("a ring", keyctl(KEYCTL_UPDATE, ring, (long)"new", 3, 0)), tell("none", keyctl(KEYCTL_UPDATE, 12345, (long)"new", 3, 0));
  char small[3] = "..";
  tell("too little room", keyctl(KEYCTL_READ, key, (long)small, 2, 0)), puts(small), tell("only its size", keyctl(KEYCTL_READ, key, 0, 0, 0)), tell("its description's", keyctl(KEYCTL_DESCRIBE, key, 0, 0, 0)), tell("none", keyctl(KEYCTL_READ, 12345, 0, 0, 0));
  long inner = works("inside", add("user", "chronix:two", "deep", 4, ring));
  tell("search", keyctl(KEYCTL_SEARCH, process, (long)"user", (long)"chronix:two", 0) - inner), tell("request", request("user", "chronix:two", NULL, 0) - inner), tell("not there", keyctl(KEYCTL_SEARCH, process, (long)"user", (long)"chronix:three", 0)), tell("nor requested", request("user", "chronix:three", NULL, 0)), tell("of another type", keyctl(KEYCTL_SEARCH, process, (long)"logon", (long)"chronix:two", 0)), tell("of no type", keyctl(KEYCTL_SEARCH, process, (long)"nonsense", (long)"a", 0)), tell("in no ring", keyctl(KEYCTL_SEARCH, key, (long)"user", (long)"a", 0));
  tell("search and link", keyctl(KEYCTL_SEARCH, process, (long)"user", (long)"chronix:two", thread) - inner), check(holds(thread, inner) == 1, "linked there"), tell("request and link", request("user", "chronix:one", NULL, session) - key), check(holds(session, key) == 1, "linked there");
  tell("unlink", keyctl(KEYCTL_UNLINK, inner, thread, 0, 0)), tell("again", keyctl(KEYCTL_UNLINK, inner, thread, 0, 0)), tell("from no ring", keyctl(KEYCTL_UNLINK, inner, key, 0, 0)), tell("link", keyctl(KEYCTL_LINK, inner, thread, 0, 0)), tell("twice", keyctl(KEYCTL_LINK, inner, thread, 0, 0)), printf("%d\n", holds(thread, inner)), tell("into itself", keyctl(KEYCTL_LINK, ring, ring, 0, 0)), tell("into what it holds", keyctl(KEYCTL_LINK, process, ring, 0, 0)), tell("into no ring", keyctl(KEYCTL_LINK, inner, key, 0, 0));
  tell("move", keyctl(KEYCTL_MOVE, inner, thread, session, 0)), check(holds(session, inner) && !holds(thread, inner), "moved"), tell("not there", keyctl(KEYCTL_MOVE, inner, thread, session, 0)), tell("no flag", keyctl(KEYCTL_MOVE, inner, ring, session, 2)), tell("exclusively", keyctl(KEYCTL_MOVE, inner, ring, session, KEYCTL_MOVE_EXCL));
  long second = works("same name elsewhere", add("user", "chronix:two", "other", 5, thread));
  check(second != inner, "another key"), tell("displaces", keyctl(KEYCTL_LINK, second, session, 0, 0)), check(holds(session, second) && !holds(session, inner), "displaced");
  tell("permissions", keyctl(KEYCTL_SETPERM, key, 0x3f3f0000, 0, 0)), describe("key", key), tell("no such", keyctl(KEYCTL_SETPERM, key, 0x40000000, 0, 0)), tell("owner", keyctl(KEYCTL_CHOWN, key, 1000, 100, 0)), describe("key", key), tell("nobody", keyctl(KEYCTL_CHOWN, key, -1, -1, 0));
  long closed = add("user", "closed", "x", 1, process);
  tell("close", keyctl(KEYCTL_SETPERM, closed, 0x20000000, 0, 0)), describe("closed", closed), tell("to link", keyctl(KEYCTL_LINK, closed, thread, 0, 0)), tell("to update", keyctl(KEYCTL_UPDATE, closed, (long)"y", 1, 0)), tell("to find", keyctl(KEYCTL_SEARCH, process, (long)"user", (long)"closed", 0)), tell("to add", add("user", "closed", "z", 1, process)), tell("but to revoke", keyctl(KEYCTL_REVOKE, closed, 0, 0, 0)), describe("revoked", closed);
  long doomed = add("user", "doomed", "x", 1, process);
  tell("revoke", keyctl(KEYCTL_REVOKE, doomed, 0, 0, 0)), content("revoked", doomed), tell("to find", keyctl(KEYCTL_SEARCH, process, (long)"user", (long)"doomed", 0)), tell("to request", request("user", "doomed", NULL, 0)), tell("but to unlink", keyctl(KEYCTL_UNLINK, doomed, process, 0, 0)), doomed = add("user", "doomed", "x", 1, process), tell("invalidate", keyctl(KEYCTL_INVALIDATE, doomed, 0, 0, 0));
  // Whether it is still there to be refused is a race with the kernel's collector.
  long invalid = keyctl(KEYCTL_READ, doomed, 0, 0, 0);
  check(invalid == -1 && (errno == ENOKEY || errno == EACCES), "invalid");
  long brief = add("user", "brief", "x", 1, process);
  tell("timeout", keyctl(KEYCTL_SET_TIMEOUT, brief, 1, 0, 0)), content("yet", brief), pass_time(1100), content("late", brief), tell("to find", keyctl(KEYCTL_SEARCH, process, (long)"user", (long)"brief", 0));
  tell("clear", keyctl(KEYCTL_CLEAR, ring, 0, 0, 0)), content("ring", ring), tell("no ring", keyctl(KEYCTL_CLEAR, key, 0, 0, 0));
  tell("request target", keyctl(KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_SESSION_KEYRING, 0, 0, 0)), tell("told", keyctl(KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_NO_CHANGE, 0, 0, 0)), tell("no group", keyctl(KEYCTL_SET_REQKEY_KEYRING, 6, 0, 0, 0));
  tell("no authority", keyctl(KEYCTL_ASSUME_AUTHORITY, 0, 0, 0, 0)), tell("less than none", keyctl(KEYCTL_ASSUME_AUTHORITY, -1, 0, 0, 0)), tell("not to be made", keyctl(KEYCTL_INSTANTIATE, key, 0, 0, 0)), tell("nor refused", keyctl(KEYCTL_NEGATE, key, 1, 0, 0)), tell("unknown", keyctl(99, 0, 0, 0, 0));
  pthread_t other;
  pthread_create(&other, NULL, in_thread, NULL), pthread_join(other, NULL);
  fflush(stdout);
  if (fork() == 0) {
    describe("child's thread", KEY_SPEC_THREAD_KEYRING), describe("child's process", KEY_SPEC_PROCESS_KEYRING), check(keyctl(KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0, 0, 0) == session, "the same session");
    setresgid(1000, 1000, 1000), setresuid(1000, 1000, 1000);
    tell("another's", keyctl(KEYCTL_SETPERM, second, 0, 0, 0)), content("what it can find", second), describe("user's", KEY_SPEC_USER_KEYRING), works("own session", keyctl(KEYCTL_JOIN_SESSION_KEYRING, 0, 0, 0, 0)), content("not any more", second), describe("nor to see", second), describe("its own", key), tell("not to give away", keyctl(KEYCTL_CHOWN, key, 0, -1, 0));
    long mine = add("user", "mine", "x", 1, KEY_SPEC_SESSION_KEYRING);
    describe("mine", mine), tell("give away", keyctl(KEYCTL_CHOWN, mine, 0, -1, 0)), exit(0);
  }
  wait(NULL);
  works("named", keyctl(KEYCTL_JOIN_SESSION_KEYRING, (long)"chronix-session", 0, 0, 0)), describe("named", KEY_SPEC_SESSION_KEYRING), tell("hidden", keyctl(KEYCTL_JOIN_SESSION_KEYRING, (long)".chronix", 0, 0, 0));
  char path[200];
  path[readlink("/proc/self/exe", path, 199)] = 0;
  fflush(stdout), execl(path, path, "again", NULL);
}
