// struct statx (linux/stat.h), 256 bytes, and the flags of statx(2).
import { abbreviated, array, i32, i64, shown, struct, u16, u32, u64 } from "../field.ts";
import { formatMode } from "./stat.ts";

export const statxMask = { STATX_BASIC_STATS: 0x7ff, STATX_BTIME: 0x800, STATX_MNT_ID: 0x1000 } as const;
const statxTime = struct({ tv_sec: i64, tv_nsec: u32, _pad: i32 });
const bits = shown(u32, value => `0x${value.toString(16)}`);

const whole = struct({
  stx_mask: bits,
  stx_blksize: u32,
  stx_attributes: u64,
  stx_nlink: u32,
  stx_uid: u32,
  stx_gid: u32,
  stx_mode: shown(u16, formatMode),
  _spare0: u16,
  stx_ino: u64,
  stx_size: u64,
  stx_blocks: u64,
  stx_attributes_mask: u64,
  stx_atime: statxTime,
  stx_btime: statxTime,
  stx_ctime: statxTime,
  stx_mtime: statxTime,
  stx_rdev_major: u32,
  stx_rdev_minor: u32,
  stx_dev_major: u32,
  stx_dev_minor: u32,
  stx_mnt_id: u64,
  _spare: array(u64, 13),
});
export const statx = {
  ...whole,
  ...abbreviated(
    whole,
    value =>
      `stx_mask=${bits.format(value.stx_mask)}, stx_attributes=${value.stx_attributes}, stx_mode=${formatMode(value.stx_mode)}, stx_size=${value.stx_size}`,
  ),
};
