// What capget(2) and capset(2) carry: a header, and 64 bits each of three sets, split in two.
import { array, i32, shown, struct, u32 } from "../field.ts";

const mask = shown(u32, value => `0x${value.toString(16)}`);
export const capabilityHeader = struct({ version: mask, pid: i32 });
export const capabilityHalf = struct({ effective: mask, permitted: mask, inheritable: mask });
export const capabilityData = array(capabilityHalf, 2);
export const capabilityVersions = {
  _LINUX_CAPABILITY_VERSION_1: 0x1998_0330,
  _LINUX_CAPABILITY_VERSION_2: 0x2007_1026,
  _LINUX_CAPABILITY_VERSION_3: 0x2008_0522,
} as const;
