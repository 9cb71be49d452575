// What strace 6.1 says of every call of the table: number, name, classes. Made by running strace over a program that makes each call once.
export const straceClasses = `0 read desc
1 write desc
2 open desc file
3 close desc
4 stat file stat %stat
5 fstat desc fstat %stat
6 lstat file lstat %stat
7 poll desc
8 lseek desc
9 mmap desc memory
10 mprotect memory
11 munmap memory
12 brk memory
13 rt_sigaction signal
14 rt_sigprocmask signal
15 rt_sigreturn signal
16 ioctl desc
17 pread64 desc
18 pwrite64 desc
19 readv desc
20 writev desc
21 access file
22 pipe desc
23 select desc
24 sched_yield
25 mremap memory
26 msync memory
27 mincore memory
28 madvise memory
29 shmget ipc
30 shmat memory ipc
31 shmctl ipc
32 dup desc
33 dup2 desc
34 pause signal
35 nanosleep
36 getitimer
37 alarm
38 setitimer
39 getpid pure
40 sendfile desc network
41 socket network
42 connect network
43 accept network
44 sendto network
45 recvfrom network
46 sendmsg network
47 recvmsg network
48 shutdown network
49 bind network
50 listen network
51 getsockname network
52 getpeername network
53 socketpair network
54 setsockopt network
55 getsockopt network
56 clone process
57 fork process
58 vfork process
59 execve file process
60 exit process
61 wait4 process
62 kill process signal
63 uname
64 semget ipc
65 semop ipc
66 semctl ipc
67 shmdt memory ipc
68 msgget ipc
69 msgsnd ipc
70 msgrcv ipc
71 msgctl ipc
72 fcntl desc
73 flock desc
74 fsync desc
75 fdatasync desc
76 truncate file
77 ftruncate desc
78 getdents desc
79 getcwd file
80 chdir file
81 fchdir desc
82 rename file
83 mkdir file
84 rmdir file
85 creat desc file
86 link file
87 unlink file
88 symlink file
89 readlink file
90 chmod file
91 fchmod desc
92 chown file
93 fchown desc
94 lchown file
95 umask
96 gettimeofday clock
97 getrlimit
98 getrusage
99 sysinfo
100 times
101 ptrace
102 getuid creds pure
103 syslog
104 getgid creds pure
105 setuid creds
106 setgid creds
107 geteuid creds pure
108 getegid creds pure
109 setpgid
110 getppid pure
111 getpgrp pure
112 setsid
113 setreuid creds
114 setregid creds
115 getgroups creds
116 setgroups creds
117 setresuid creds
118 getresuid creds
119 setresgid creds
120 getresgid creds
121 getpgid
122 setfsuid creds
123 setfsgid creds
124 getsid
125 capget creds
126 capset creds
127 rt_sigpending signal
128 rt_sigtimedwait signal
129 rt_sigqueueinfo process signal
130 rt_sigsuspend signal
131 sigaltstack signal
132 utime file
133 mknod file
134 uselib file
135 personality
136 ustat %statfs
137 statfs file statfs %statfs
138 fstatfs desc fstatfs %statfs
139 sysfs
140 getpriority
141 setpriority
142 sched_setparam
143 sched_getparam
144 sched_setscheduler
145 sched_getscheduler
146 sched_get_priority_max
147 sched_get_priority_min
148 sched_rr_get_interval
149 mlock memory
150 munlock memory
151 mlockall memory
152 munlockall memory
153 vhangup
154 modify_ldt
155 pivot_root file
156 _sysctl
157 prctl creds
158 arch_prctl
159 adjtimex clock
160 setrlimit
161 chroot file
162 sync
163 acct file
164 settimeofday clock
165 mount file
166 umount2 file
167 swapon file
168 swapoff file
169 reboot
170 sethostname
171 setdomainname
172 iopl
173 ioperm
174 create_module
175 init_module
176 delete_module
177 get_kernel_syms
178 query_module
179 quotactl file
180 nfsservctl
181 getpmsg network
182 putpmsg network
183 afs_syscall
184 tuxcall
185 security
186 gettid pure
187 readahead desc
188 setxattr file
189 lsetxattr file
190 fsetxattr desc
191 getxattr file
192 lgetxattr file
193 fgetxattr desc
194 listxattr file
195 llistxattr file
196 flistxattr desc
197 removexattr file
198 lremovexattr file
199 fremovexattr desc
200 tkill process signal
201 time clock
202 futex
203 sched_setaffinity
204 sched_getaffinity
205 set_thread_area
206 io_setup memory
207 io_destroy memory
208 io_getevents
209 io_submit
210 io_cancel
211 get_thread_area
212 lookup_dcookie
213 epoll_create desc
214 epoll_ctl_old
215 epoll_wait_old
216 remap_file_pages memory
217 getdents64 desc
218 set_tid_address
219 restart_syscall
220 semtimedop ipc
221 fadvise64 desc
222 timer_create
223 timer_settime
224 timer_gettime
225 timer_getoverrun
226 timer_delete
227 clock_settime clock
228 clock_gettime clock
229 clock_getres clock
230 clock_nanosleep
231 exit_group process
232 epoll_wait desc
233 epoll_ctl desc
234 tgkill process signal
235 utimes file
236 vserver
237 mbind memory
238 set_mempolicy memory
239 get_mempolicy memory
240 mq_open desc
241 mq_unlink
242 mq_timedsend desc
243 mq_timedreceive desc
244 mq_notify desc
245 mq_getsetattr desc
246 kexec_load
247 waitid process
248 add_key
249 request_key
250 keyctl
251 ioprio_set
252 ioprio_get
253 inotify_init desc
254 inotify_add_watch desc file
255 inotify_rm_watch desc
256 migrate_pages memory
257 openat desc file
258 mkdirat desc file
259 mknodat desc file
260 fchownat desc file
261 futimesat desc file
262 newfstatat desc file fstat %stat
263 unlinkat desc file
264 renameat desc file
265 linkat desc file
266 symlinkat desc file
267 readlinkat desc file
268 fchmodat desc file
269 faccessat desc file
270 pselect6 desc
271 ppoll desc
272 unshare
273 set_robust_list
274 get_robust_list
275 splice desc
276 tee desc
277 sync_file_range desc
278 vmsplice desc
279 move_pages memory
280 utimensat desc file
281 epoll_pwait desc
282 signalfd desc signal
283 timerfd_create desc
284 eventfd desc
285 fallocate desc
286 timerfd_settime desc
287 timerfd_gettime desc
288 accept4 network
289 signalfd4 desc signal
290 eventfd2 desc
291 epoll_create1 desc
292 dup3 desc
293 pipe2 desc
294 inotify_init1 desc
295 preadv desc
296 pwritev desc
297 rt_tgsigqueueinfo process signal
298 perf_event_open desc
299 recvmmsg network
300 fanotify_init desc
301 fanotify_mark desc file
302 prlimit64
303 name_to_handle_at desc file
304 open_by_handle_at desc
305 clock_adjtime clock
306 syncfs desc
307 sendmmsg network
308 setns desc
309 getcpu
310 process_vm_readv
311 process_vm_writev
312 kcmp
313 finit_module desc
314 sched_setattr
315 sched_getattr
316 renameat2 desc file
317 seccomp
318 getrandom
319 memfd_create desc
320 kexec_file_load desc
321 bpf desc
322 execveat desc file process
323 userfaultfd desc
324 membarrier
325 mlock2 memory
326 copy_file_range desc
327 preadv2 desc
328 pwritev2 desc
329 pkey_mprotect memory
330 pkey_alloc
331 pkey_free
332 statx desc file fstat %stat
333 io_pgetevents
334 rseq
424 pidfd_send_signal desc process signal
425 io_uring_setup desc
426 io_uring_enter desc signal
427 io_uring_register desc memory
428 open_tree desc file
429 move_mount desc file
430 fsopen desc
431 fsconfig desc file
432 fsmount desc
433 fspick desc file
434 pidfd_open desc
435 clone3 process
436 close_range
437 openat2 desc file
438 pidfd_getfd desc
439 faccessat2 desc file
440 process_madvise desc
441 epoll_pwait2 desc
442 mount_setattr desc file
443 quotactl_fd desc
444 landlock_create_ruleset desc
445 landlock_add_rule desc
446 landlock_restrict_self desc
447 memfd_secret desc
448 process_mrelease desc
449 futex_waitv
450 set_mempolicy_home_node memory`;
