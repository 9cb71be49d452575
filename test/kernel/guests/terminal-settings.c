// Settings of a terminal that are locked stay as they are, whoever changes the others (TIOCSLCKTRMIOS).
#include "check.h"
#include <sys/ioctl.h>
#include <asm/termbits.h>

int main(void) {
  int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), unlocked = 0, number = -1;
  char path[32];
  ioctl(master, TIOCSPTLCK, &unlocked), ioctl(master, TIOCGPTN, &number), snprintf(path, sizeof path, "/dev/pts/%d", number);
  int slave = open(path, O_RDWR | O_NOCTTY);
  struct termios lock, now;
  memset(&lock, 255, sizeof lock), tell("what is locked", ioctl(slave, TIOCGLCKTRMIOS, &lock));
  printf("%x %x %x %x %d %d %d\n", lock.c_iflag, lock.c_oflag, lock.c_cflag, lock.c_lflag, lock.c_line, lock.c_cc[0], lock.c_cc[18]);
  memset(&lock, 0, sizeof lock), lock.c_lflag = ECHO | ICANON, lock.c_iflag = IXON, lock.c_cc[VINTR] = 1;
  tell("by the master", ioctl(master, TIOCSLCKTRMIOS, &lock));
  ioctl(slave, TCGETS, &now), now.c_lflag = 0, now.c_iflag = IGNCR, now.c_cc[VINTR] = 7, now.c_cc[VQUIT] = 8;
  tell("set", ioctl(slave, TCSETS, &now)), ioctl(slave, TCGETS, &now);
  printf("%x %x %d %d\n", now.c_lflag, now.c_iflag, now.c_cc[VINTR], now.c_cc[VQUIT]);
  memset(&lock, 0, sizeof lock), ioctl(master, TIOCGLCKTRMIOS, &lock), printf("%x %x %d\n", lock.c_lflag, lock.c_iflag, lock.c_cc[VINTR]);
  tell("nowhere", ioctl(slave, TIOCSLCKTRMIOS, NULL)), tell("nowhere", ioctl(slave, TIOCGLCKTRMIOS, NULL));
  tell("no terminal", ioctl(open("/dev/null", O_RDWR), TIOCGLCKTRMIOS, &lock));
  setuid(1000), tell("without the right", ioctl(slave, TIOCSLCKTRMIOS, &lock)), tell("to look", ioctl(slave, TIOCGLCKTRMIOS, &lock));
  return 0;
}
