// Crashes some calls deep: it adds up a family tree in which one member points to nothing that is mapped.
#include "linux.h"

struct member {
  const char *name;
  long age;
  struct member *first, *second;
};

static struct member grace = {"Grace", 4, 0, 0};
static struct member edsger = {"Edsger", 7, 0, (struct member *)0x10};
static struct member barbara = {"Barbara", 31, &grace, &edsger};
static struct member ada = {"Ada", 60, &barbara, 0};

NEVER_INLINED static long sum_of_ages(struct member *member, int depth) {
  if (!member) return 0;
  print("%d: %s is %d\n", (long)depth, member->name, member->age);
  return member->age + sum_of_ages(member->first, depth + 1) + sum_of_ages(member->second, depth + 1);
}

NEVER_INLINED static long report(struct member *eldest) {
  return sum_of_ages(eldest, 1);
}

int main(int count, char **words, char **environment) {
  (void)count, (void)words, (void)environment;
  print("together they are %d\n", report(&ada));
  return 0;
}
