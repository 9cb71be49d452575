// Says hello, and with which words it was started.
#include "linux.h"

int main(int count, char **words, char **environment) {
  (void)environment;
  print("Hello from process %d.\n", sys(getpid));
  for (int i = 1; i < count; i++) print("  word %d is \"%s\"\n", (long)i, words[i]);
  return 0;
}
