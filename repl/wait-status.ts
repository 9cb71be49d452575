// A wait(2) status as an exit status, as shells give it: the guest's own, or 128 and the signal.
export const exitStatusOf = (waitStatus: number): number => ((waitStatus & 0x7f) === 0 ? (waitStatus >> 8) & 0xff : 128 + (waitStatus & 0x7f));
