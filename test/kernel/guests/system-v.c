// System V IPC: segments that outlive their mappings, semaphores that wait, undo and are removed, queues by type; errnos and what is told of each.
#include "check.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun { int val; struct semid_ds *buf; unsigned short *array; };
static struct { long type; char text[9000]; } message;
static long operate(int set, int index, int by, int flags) {
  struct sembuf operation = {index, by, flags};
  return semop(set, &operation, 1);
}
static void *take_one(void *set) { return (void *)(operate(*(int *)set, 0, -1, 0) == -1 ? (long)errno : 0); }
static void *receive(void *queue) { return (void *)(msgrcv(*(int *)queue, &message, 100, 0, 0) == -1 ? (long)errno : 0); }
int main(void) {
  key_t key = 0x5eed0000 + (getpid() & 0xffff);
  union semun with;
  tell("none there", shmget(key, 100, 0)), tell("nothing", shmget(IPC_PRIVATE, 0, IPC_CREAT));
  int id = works("segment", shmget(key, 10000, IPC_CREAT | IPC_EXCL | 0600));
  tell("there already", shmget(key, 10000, IPC_CREAT | IPC_EXCL | 0600)), tell("larger", shmget(key, 20000, 0)), tell("the same", shmget(key, 0, 0) == id);
  char *at = shmat(id, NULL, 0);
  strcpy(at, "kept");
  tell("detach", shmdt(at)), tell("again", shmdt(at)), tell("nothing there", shmdt((void *)4096));
  at = shmat(id, NULL, SHM_RDONLY);
  check(!strcmp(at, "kept"), "kept while nobody had it");
  int status;
  pid_t child = fork();
  if (child == 0) {
    char *mine = shmat(id, NULL, 0);
    strcpy(mine + 5, "by the child");
    _exit(mine == (void *)-1);
  }
  waitpid(child, &status, 0);
  check(!strcmp(at + 5, "by the child"), "shared");
  struct shmid_ds segment;
  tell("told", shmctl(id, IPC_STAT, &segment)), tell("size", segment.shm_segsz), tell("attached", segment.shm_nattch), tell("mode", segment.shm_perm.mode);
  check(segment.shm_cpid == getpid() && segment.shm_lpid == child && segment.shm_perm.__key == key, "who");
  tell("attach to a wrong place", (long)shmat(id, (void *)12345, 0)), tell("no segment", (long)shmat(0x7fffff, NULL, 0));
  tell("remove", shmctl(id, IPC_RMID, NULL));
  check(!strcmp(at, "kept"), "still mapped");
  tell("no key any more", shmget(key, 0, 0)), shmctl(id, IPC_STAT, &segment), tell("marked", segment.shm_perm.mode), tell("attached", segment.shm_nattch);
  shmdt(at), tell("gone", shmctl(id, IPC_STAT, &segment)), tell("no command", shmctl(id, 77, NULL));

  int set = works("set", semget(key, 3, IPC_CREAT | 0600));
  tell("too many", semget(key, 5, 0)), tell("none", semget(IPC_PRIVATE, 0, 0)), tell("negative", semget(IPC_PRIVATE, -1, 0));
  with.val = 2;
  tell("set", semctl(set, 0, SETVAL, with)), tell("value", semctl(set, 0, GETVAL)), tell("by", semctl(set, 0, GETPID) == getpid());
  tell("take", operate(set, 0, -1, 0)), tell("take two", operate(set, 0, -2, IPC_NOWAIT)), tell("not zero", operate(set, 0, 0, IPC_NOWAIT)), tell("too far", operate(set, 9, 1, 0));
  tell("too much", operate(set, 0, 32767, 0)), tell("no set", operate(0x7fffff, 0, 1, 0)), tell("no operation", semop(set, NULL, 0));
  unsigned short values[3] = {5, 6, 7};
  with.array = values, tell("all", semctl(set, 0, SETALL, with));
  struct sembuf both[2] = {{1, -6, 0}, {2, -8, IPC_NOWAIT}};
  tell("all or nothing", semop(set, both, 2)), tell("untouched", semctl(set, 1, GETVAL));
  memset(values, 0, sizeof values), tell("all", semctl(set, 0, GETALL, with)), printf("%d %d %d\n", values[0], values[1], values[2]);
  // Three values where a page ends: the next is not there, or may only be read.
  char *pages = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  union semun at_end = {.array = (void *)(pages + 4090)}, across = {.array = (void *)(pages + 4094)};
  mprotect(pages + 4096, 4096, PROT_READ);
  tell("all at the end", semctl(set, 0, GETALL, at_end));
  tell("all across, to be read only", semctl(set, 0, GETALL, across));
  munmap(pages + 4096, 4096);
  tell("all across, not there", semctl(set, 0, GETALL, across));
  tell("all set from there", semctl(set, 0, SETALL, across));
  tell("all nowhere", semctl(set, 0, GETALL, NULL));
  struct timespec soon = {0, 3000000};
  with.val = 0, semctl(set, 0, SETVAL, with);
  struct sembuf one = {0, -1, 0};
  tell("wait a little", semtimedop(set, &one, 1, &soon));
  pthread_t thread, other;
  void *result;
  pthread_create(&thread, NULL, take_one, &set), pthread_create(&other, NULL, take_one, &set);
  for (int i = 0; i < 100 && semctl(set, 0, GETNCNT) < 2; i++) pass_time(5);
  tell("waiting", semctl(set, 0, GETNCNT)), tell("for zero", semctl(set, 0, GETZCNT)), tell("give", operate(set, 0, 2, 0));
  pthread_join(thread, &result), tell("took", (long)result), pthread_join(other, &result), tell("took", (long)result);
  if (fork() == 0) operate(set, 1, -2, SEM_UNDO), operate(set, 1, -1, SEM_UNDO), _exit(0);
  wait(NULL), tell("undone", semctl(set, 1, GETVAL));
  struct semid_ds about;
  with.buf = &about, tell("told", semctl(set, 0, IPC_STAT, with)), tell("how many", about.sem_nsems), tell("mode", about.sem_perm.mode);
  pthread_create(&thread, NULL, take_one, &set), pass_time(10);
  tell("remove", semctl(set, 0, IPC_RMID)), pthread_join(thread, &result), printf("removed: %s\n", strerrorname_np((long)result));
  tell("gone", semctl(set, 0, GETVAL));

  int queue = works("queue", msgget(key, IPC_CREAT | 0600));
  const int types[] = {3, 1, 2, 1};
  for (int i = 0; i < 4; i++) message.type = types[i], sprintf(message.text, "message %d", i), tell("send", msgsnd(queue, &message, 10, 0));
  message.type = 0, tell("no type", msgsnd(queue, &message, 1, 0)), message.type = 1, tell("too long", msgsnd(queue, &message, 8999, 0));
  struct msqid_ds state;
  msgctl(queue, IPC_STAT, &state), tell("messages", state.msg_qnum), tell("bytes", state.__msg_cbytes), tell("most", state.msg_qbytes);
  tell("by type", msgrcv(queue, &message, 100, 2, 0)), puts(message.text), tell("lowest up to", msgrcv(queue, &message, 100, -2, 0)), puts(message.text);
  tell("short", msgrcv(queue, &message, 4, 0, 0)), tell("cut", msgrcv(queue, &message, 4, 0, MSG_NOERROR)), tell("but", msgrcv(queue, &message, 99, 1, MSG_EXCEPT | IPC_NOWAIT));
  tell("last", msgrcv(queue, &message, 100, 0, 0)), tell("none", msgrcv(queue, &message, 100, 0, IPC_NOWAIT));
  pthread_create(&thread, NULL, receive, &queue), pass_time(10), message.type = 4, tell("send", msgsnd(queue, &message, 0, 0)), pthread_join(thread, &result), tell("received", (long)result);
  int sent = 0;
  while (msgsnd(queue, &message, 1000, IPC_NOWAIT) == 0) sent++;
  tell("so many", sent), tell("full", msgsnd(queue, &message, 1000, IPC_NOWAIT));
  tell("remove", msgctl(queue, IPC_RMID, NULL)), tell("gone", msgrcv(queue, &message, 100, 0, 0)), tell("no command", msgctl(queue, 99, NULL));
  return 0;
}
