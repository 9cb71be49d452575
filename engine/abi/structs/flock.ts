// struct flock (fcntl(2)).
import { i16, i32, i64, shown, struct } from "../field.ts";

export const lockTypes = { F_RDLCK: 0, F_WRLCK: 1, F_UNLCK: 2 } as const;
const nameIn = (names: Readonly<Record<string, number>>, value: number): string => Object.entries(names).find(([, n]) => n === value)?.[0] ?? String(value);

export const flock = struct({
  l_type: shown(i16, value => nameIn(lockTypes, value)),
  l_whence: shown(i16, value => nameIn({ SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2 }, value)),
  l_start: i64,
  l_len: i64,
  l_pid: i32,
});
