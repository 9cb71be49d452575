// The flags of clone(2). The lowest byte of clone's flags is the signal sent to the parent at the end.

export const cloneFlags = {
  CLONE_VM: 0x100,
  CLONE_FS: 0x200,
  CLONE_FILES: 0x400,
  CLONE_SIGHAND: 0x800,
  CLONE_PIDFD: 0x1000,
  CLONE_PTRACE: 0x2000,
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_THREAD: 0x1_0000,
  CLONE_NEWNS: 0x2_0000,
  CLONE_SYSVSEM: 0x4_0000,
  CLONE_SETTLS: 0x8_0000,
  CLONE_PARENT_SETTID: 0x10_0000,
  CLONE_CHILD_CLEARTID: 0x20_0000,
  CLONE_DETACHED: 0x40_0000,
  CLONE_UNTRACED: 0x80_0000,
  CLONE_CHILD_SETTID: 0x100_0000,
  CLONE_NEWCGROUP: 0x200_0000,
  CLONE_NEWUTS: 0x400_0000,
  CLONE_NEWIPC: 0x800_0000,
  CLONE_NEWUSER: 0x1000_0000,
  CLONE_NEWPID: 0x2000_0000,
  CLONE_NEWNET: 0x4000_0000,
  CLONE_IO: 0x8000_0000,
} as const;
/** Only clone3 takes them; the second is refused. */
export const CLONE_CLEAR_SIGHAND = 0x1_0000_0000;
export const CLONE_INTO_CGROUP = 0x2_0000_0000;
export const EXIT_SIGNAL_MASK = 0xff;
/** Namespaces: not there, so refused as to a caller without CAP_SYS_ADMIN. */
export const NAMESPACES = [
  cloneFlags.CLONE_NEWNS,
  cloneFlags.CLONE_NEWCGROUP,
  cloneFlags.CLONE_NEWUTS,
  cloneFlags.CLONE_NEWIPC,
  cloneFlags.CLONE_NEWUSER,
  cloneFlags.CLONE_NEWPID,
  cloneFlags.CLONE_NEWNET,
].reduce((all, one) => all | one, 0);
