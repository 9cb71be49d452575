// struct flock (fcntl(2)).
import { i16, i32, i64, shown, struct } from "../field.ts";

export const lockTypes = { F_RDLCK: 0, F_WRLCK: 1, F_UNLCK: 2 } as const;
const nameIn = (names: Readonly<Record<string, number>>, value: number): string => Object.entries(names).find(([, n]) => n === value)?.[0] ?? String(value);

const range = {
  l_type: shown(i16, value => nameIn(lockTypes, value)),
  l_whence: shown(i16, value => nameIn({ SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2 }, value)),
  l_start: i64,
  l_len: i64,
};
export const flock = struct({ ...range, l_pid: i32 });
/** What F_SETLK and its like are given: l_pid tells who holds a lock, and so nothing there. strace does not show it either. */
export const flockRequest = shown(flock, struct(range).format);
