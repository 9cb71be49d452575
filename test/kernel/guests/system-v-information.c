// What System V IPC tells of all objects: limits, what is in use, each object by its place; and copies of messages.
#include "check.h"
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

union semun { int val; void *buf; };
static struct { long type; char text[100]; } message;
int main(void) {
  int queue = msgget(IPC_PRIVATE, 0600 | IPC_CREAT), set = semget(IPC_PRIVATE, 3, 0600 | IPC_CREAT), segment = shmget(IPC_PRIVATE, 10000, 0600 | IPC_CREAT);
  struct msginfo messages = {0};
  struct seminfo semaphores = {0};
  struct shminfo shared = {0};
  struct shm_info used = {0};
  check(msgctl(0, IPC_INFO, (void *)&messages) >= 0, "queues"), printf("%d %d %d %d %d %d %d %d\n", messages.msgpool, messages.msgmap, messages.msgmax, messages.msgmnb, messages.msgmni, messages.msgssz, messages.msgtql, messages.msgseg);
  check(msgctl(0, MSG_INFO, (void *)&messages) >= 0 && messages.msgpool > 0 && messages.msgmax == 8192, "queues in use");
  check(semctl(0, 0, IPC_INFO, (union semun){.buf = &semaphores}) >= 0, "semaphores"), printf("%d %d %d %d %d %d %d %d %d %d\n", semaphores.semmap, semaphores.semmni, semaphores.semmns, semaphores.semmnu, semaphores.semmsl, semaphores.semopm, semaphores.semume, semaphores.semusz, semaphores.semvmx, semaphores.semaem);
  check(semctl(0, 0, SEM_INFO, (union semun){.buf = &semaphores}) >= 0 && semaphores.semusz > 0 && semaphores.semaem >= 3, "semaphores in use");
  check(shmctl(0, IPC_INFO, (void *)&shared) >= 0, "segments"), printf("%lx %ld %ld %ld %lx\n", shared.shmmax, shared.shmmin, shared.shmmni, shared.shmseg, shared.shmall);
  check(shmctl(0, SHM_INFO, (void *)&used) >= 0 && used.used_ids > 0 && used.shm_tot >= 3, "segments in use");
  struct msqid_ds queued;
  struct semid_ds sets;
  struct shmid_ds segments;
  int last = msgctl(0, MSG_INFO, (void *)&messages), found = 0;
  for (int i = 0; i <= last; i++) found += msgctl(i, MSG_STAT, &queued) == queue && queued.msg_qbytes == 16384;
  check(found == 1, "queue by place"), last = semctl(0, 0, SEM_INFO, (union semun){.buf = &semaphores}), found = 0;
  for (int i = 0; i <= last; i++) found += semctl(i, 0, SEM_STAT, (union semun){.buf = &sets}) == set && sets.sem_nsems == 3;
  check(found == 1, "set by place"), last = shmctl(0, SHM_INFO, (void *)&used), found = 0;
  for (int i = 0; i <= last; i++) found += shmctl(i, SHM_STAT, &segments) == segment && segments.shm_segsz == 10000;
  check(found == 1, "segment by place");
  tell("no place", msgctl(31999, MSG_STAT, &queued)), tell("nor here", semctl(31999, 0, SEM_STAT, (union semun){.buf = &sets})), tell("nor there", shmctl(4095, SHM_STAT, &segments)), tell("nowhere", msgctl(0, IPC_INFO, (void *)8)), tell("no command", msgctl(queue, 77, NULL)), tell("no segment", shmctl(-1, SHM_INFO, (void *)&used));
  msgctl(queue, IPC_STAT, &queued), queued.msg_perm.mode = 0200, msgctl(queue, IPC_SET, &queued);
  int place = -1;
  for (int i = 0; i <= msgctl(0, MSG_INFO, (void *)&messages); i++) if (msgctl(i, MSG_STAT_ANY, &queued) == queue) place = i;
  if (fork() == 0) setresuid(1000, 1000, 1000), tell("not to read", msgctl(place, MSG_STAT, &queued)), check(msgctl(place, MSG_STAT_ANY, &queued) == queue, "but to see"), exit(0);
  wait(NULL), queued.msg_perm.mode = 0600, msgctl(queue, IPC_SET, &queued);
  for (int i = 0; i < 3; i++) message.type = 5 + i, sprintf(message.text, "number %d", i), msgsnd(queue, &message, 9, 0);
  tell("copy", msgrcv(queue, &message, 100, 1, MSG_COPY | IPC_NOWAIT)), printf("%ld %s\n", message.type, message.text), tell("the last", msgrcv(queue, &message, 100, 2, MSG_COPY | IPC_NOWAIT)), printf("%ld\n", message.type);
  tell("behind the last", msgrcv(queue, &message, 100, 3, MSG_COPY | IPC_NOWAIT)), tell("before the first", msgrcv(queue, &message, 100, -1, MSG_COPY | IPC_NOWAIT)), tell("waiting", msgrcv(queue, &message, 100, 0, MSG_COPY)), tell("others", msgrcv(queue, &message, 100, 0, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT));
  tell("too short", msgrcv(queue, &message, 4, 0, MSG_COPY | IPC_NOWAIT)), tell("cut", msgrcv(queue, &message, 4, 0, MSG_COPY | IPC_NOWAIT | MSG_NOERROR)), msgctl(queue, IPC_STAT, &queued), printf("%ld left\n", (long)queued.msg_qnum);
  return msgctl(queue, IPC_RMID, NULL) + semctl(set, 0, IPC_RMID) + shmctl(segment, IPC_RMID, NULL);
}
