// Which of stress-ng's stressors are run, and why the others are not.

const COMPUTES = "computes only: that is what test/cpu is for";
const HARDWARE = "about hardware or kernel parts that need privileges everywhere";
const HOST = "dangerous or endless for the host that it is compared with";
const words = (text: string, why: string): Readonly<Record<string, string>> => Object.fromEntries(text.split(/\s+/).map(name => [name, why]));

export const LEFT_OUT: Readonly<Record<string, string>> = {
  ...words(
    `branch bsearch cache cacheline cpu crypt dekker far-branch flushcache fp fp-error funccall funcret goto hash heapsort hsearch icache ipsec-mb jpeg judy l1cache list lockbus longjmp lsearch
     matrix matrix-3d memcpy memrate memthrash mergesort misaligned nop numa opcode peterson prefetch qsort radixsort randlist regs rotate shellsort skiplist sparsematrix str stream tree tsearch
     vecfp vecmath vecshuf vecwide wcs zlib rdrand tsc waitcpu x86cpuid mcontend syncload llc-affinity gpu`,
    COMPUTES,
  ),
  ...words(
    `af-alg apparmor bind-mount binderfs chroot cpu-online efivar icmp-flood idle-page ioport io-uring kvm loop memhotplug netdev physpage ping-sock quota ramfs rawdev rawpkt rawsock rawudp
     smi softlockup swap tun umount uprobe watchdog tlb-shootdown sctp dccp verity`,
    HARDWARE,
  ),
  ...words("bad-ioctl dev oom-pipe pageswap procfs reboot resources sysbadaddr sysfs sysinval vforkmany forkheavy klog pci bigheap", HOST),
};
/** `name-ops`: what one of these does takes long; hrtimers shares them out among 32 processes, and without one for each counts none. */
export const OPS: Readonly<Record<string, number>> = {
  fork: 20,
  vfork: 20,
  pipe: 100,
  yield: 100,
  getrandom: 20,
  get: 3,
  sysinfo: 3,
  set: 3,
  rlimit: 2,
  enosys: 2,
  hrtimers: 64,
};
/** Of time (Chronix: virtual), for one that takes no heed of its number of operations. */
export const USUAL_SECONDS = 5;
/** Those that make nothing but short calls until their time is over: each second of theirs is millions of them. */
export const SECONDS: Readonly<Record<string, number>> = { "inode-flags": 1, pipeherd: 1, sockdiag: 1 };
export const USUAL_OPS = 3;

/** Why one comes to something else here than on Linux, where it does. */
export const DIFFERENCES: Readonly<Record<string, string>> = {
  mmapfork: "It fills half of the memory that is free: on the host that is more than the guest's 1 GiB, and takes it longer than it is given.",
};

/** All that version 0.15.06 has (`stress-ng --stressors`). */
export const ALL: readonly string[] = `
  access af-alg affinity aio aiol apparmor alarm atomic bad-altstack bad-ioctl bigheap bind-mount binderfs branch brk bsearch cache cacheline cap chattr
  chdir chmod chown chroot clock clone close context copy-file cpu cpu-online crypt cyclic daemon dccp dekker dentry dev dev-shm dir dirdeep dirmany
  dnotify dup dynlib efivar enosys env epoll eventfd exec exit-group fallocate fanotify far-branch fault fcntl fiemap fifo file-ioctl filename flock
  flushcache fork forkheavy fp fp-error fpunch fsize fstat full funccall funcret futex get getdent getrandom goto gpu handle hash hdd heapsort hrtimers
  hsearch icache icmp-flood idle-page inode-flags inotify io iomix ioport ioprio io-uring ipsec-mb itimer jpeg judy kcmp key kill klog kvm l1cache
  landlock lease link list llc-affinity loadavg locka lockbus lockf lockofd longjmp loop lsearch madvise malloc matrix matrix-3d mcontend membarrier
  memcpy memfd memhotplug memrate memthrash mergesort mincore misaligned mknod mlock mlockmany mmap mmapaddr mmapfixed mmapfork mmaphuge mmapmany
  mprotect mq mremap msg msync msyncmany munmap mutex nanosleep netdev netlink-proc netlink-task nice nop null numa oom-pipe opcode open pagemove
  pageswap pci personality peterson physpage pidfd ping-sock pipe pipeherd pkey plugin poll prctl prefetch priv-instr procfs pthread ptrace pty qsort
  quota race-sched radixsort randlist ramfs rawdev rawpkt rawsock rawudp rdrand readahead reboot regs remap rename resched resources revio ring-pipe
  rlimit rmap rotate rseq rtc schedpolicy sctp seal seccomp secretmem seek sem sem-sysv sendfile session set shellsort shm shm-sysv sigabrt sigchld
  sigfd sigfpe sigio signal signest sigpending sigpipe sigq sigrt sigsegv sigsuspend sigtrap skiplist sleep smi sock sockabuse sockdiag sockfd sockpair
  sockmany softlockup spawn sparsematrix splice stack stackmmap str stream swap switch symlink sync-file syncload sysbadaddr syscall sysinfo sysinval
  sysfs tee timer timerfd tlb-shootdown tmpfs touch tree tsc tsearch tun udp udp-flood umount unshare uprobe urandom userfaultfd usersyscall utime vdso
  vecfp vecmath vecshuf vecwide verity vfork vforkmany vm vm-addr vm-rw vm-segv vm-splice wait waitcpu watchdog wcs x86cpuid x86syscall xattr yield zero
  zlib zombie
`
  .trim()
  .split(/\s+/);
