// The options of wait4(2) and waitid(2), and the kinds of id that waitid takes.

export const waitOptions = {
  WNOHANG: 1,
  WUNTRACED: 2,
  WEXITED: 4,
  WCONTINUED: 8,
  WNOWAIT: 0x0100_0000,
  __WNOTHREAD: 0x2000_0000,
  __WALL: 0x4000_0000,
  __WCLONE: 0x8000_0000,
} as const;
/** waitid's name of WUNTRACED. */
export const WSTOPPED = waitOptions.WUNTRACED;
export const idKinds = { P_ALL: 0, P_PID: 1, P_PGID: 2, P_PIDFD: 3 } as const;

export const exitedStatus = (code: number): number => (code & 0xff) << 8;
/** WCOREDUMP. */
export const CORE_BIT = 0x80;
export const killedStatus = (signal: number, hasDumpedCore = false): number => signal | (hasDumpedCore ? CORE_BIT : 0);
export const hasDumpedCore = (status: number): boolean => endingSignal(status) !== 0 && (status & CORE_BIT) !== 0;
export const stoppedStatus = (signal: number): number => (signal << 8) | 0x7f;
export const CONTINUED_STATUS = 0xffff;
/** The signal that ended the process, 0 where it exited. */
export const endingSignal = (status: number): number => status & 0x7f;
export const exitCode = (status: number): number => (status >> 8) & 0xff;
