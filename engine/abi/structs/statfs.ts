// struct statfs of x86-64 (asm-generic/statfs.h), 120 bytes.
import { formatFlags } from "../argument.ts";
import { array, i32, i64, shown, struct, u64 } from "../field.ts";

const magics = {
  EXT2_SUPER_MAGIC: 0xef53,
  TMPFS_MAGIC: 0x0102_1994,
  PROC_SUPER_MAGIC: 0x9fa0,
  DEVPTS_SUPER_MAGIC: 0x1cd1,
  OVERLAYFS_SUPER_MAGIC: 0x794c_7630,
  PIPEFS_MAGIC: 0x5049_5045,
} as const;
const magicNames = new Map<number, string>(Object.entries(magics).map(([name, magic]) => [magic, name]));
/** statfs(2), f_flags; in strace's order. */
const mountStates = { ST_VALID: 0x20, ST_RDONLY: 1, ST_NOSUID: 2, ST_NODEV: 4, ST_NOEXEC: 8, ST_SYNCHRONOUS: 16, ST_NOATIME: 1024, ST_RELATIME: 4096 } as const;

export const statfs = struct({
  f_type: shown(i64, value => magicNames.get(value) ?? `0x${value.toString(16)}`),
  f_bsize: i64,
  f_blocks: u64,
  f_bfree: u64,
  f_bavail: u64,
  f_files: u64,
  f_ffree: u64,
  f_fsid: shown(array(i32, 2), values => `{val=[${values.map(value => `0x${(value >>> 0).toString(16)}`.replace(/^0x0$/, "0")).join(", ")}]}`),
  f_namelen: i64,
  f_frsize: i64,
  f_flags: shown(i64, value => formatFlags(mountStates, value)),
  _spare: array(i64, 4),
});
