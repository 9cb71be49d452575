// struct stat of x86-64 (asm/stat.h), 144 bytes.
import { octal } from "../argument.ts";
import { kindOfMode, S_IFMT, S_ISGID, S_ISUID, S_ISVTX } from "../constants/file-mode.ts";
import { abbreviated, array, i64, shown, struct, u32, u64 } from "../field.ts";
import { timespec } from "./timespec.ts";

const typeNames = {
  file: "S_IFREG",
  directory: "S_IFDIR",
  symlink: "S_IFLNK",
  character: "S_IFCHR",
  block: "S_IFBLK",
  fifo: "S_IFIFO",
  socket: "S_IFSOCK",
} as const;
const specialBits = [
  ["S_ISUID", S_ISUID],
  ["S_ISGID", S_ISGID],
  ["S_ISVTX", S_ISVTX],
] as const;
export function formatMode(mode: number): string {
  const kind = kindOfMode.get(mode & S_IFMT);
  const special = specialBits.filter(([, bit]) => mode & bit).map(([name]) => `${name}|`);
  return `${kind ? `${typeNames[kind]}|` : ""}${special.join("")}${octal(mode & 0o777)}`;
}
/** A device number as user space packs it: 12 bits of the major above 8 of the minor, the rest of both above (makedev(3)). */
export const packDevice = (major: number, minor: number): number =>
  (minor & 0xff) + (major & 0xfff) * 0x100 + Math.floor(minor / 0x100) * 0x10_0000 + Math.floor(major / 0x1000) * 0x1000_0000_0000;
export const unpackDevice = (device: number): readonly [major: number, minor: number] => [
  (device >>> 8) & 0xfff,
  (device & 0xff) | ((device >>> 12) & 0xfff00),
];
const hex = (value: number): string => (value === 0 ? "0" : `0x${value.toString(16)}`);
export const device = shown(u64, value => {
  const [major, minor] = unpackDevice(value);
  return `makedev(${hex(major)}, ${hex(minor)})`;
});

const whole = struct({
  st_dev: device,
  st_ino: u64,
  st_nlink: u64,
  st_mode: shown(u32, formatMode),
  st_uid: u32,
  st_gid: u32,
  _pad: u32,
  st_rdev: device,
  st_size: i64,
  st_blksize: i64,
  st_blocks: i64,
  st_atim: timespec,
  st_mtim: timespec,
  st_ctim: timespec,
  _unused: array(i64, 3),
});
export const isDevice = (mode: number): boolean => ["character", "block"].includes(kindOfMode.get(mode & S_IFMT) ?? "");
/** In a trace: the mode, and the size or, for devices, which it is. */
export const stat = {
  ...whole,
  ...abbreviated(whole, value =>
    isDevice(value.st_mode)
      ? `st_mode=${formatMode(value.st_mode)}, st_rdev=${device.format(value.st_rdev)}`
      : `st_mode=${formatMode(value.st_mode)}, st_size=${value.st_size}`,
  ),
};
