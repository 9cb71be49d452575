// struct utsname and struct sysinfo (uname(2), sysinfo(2)).
import { abbreviated, array, bytes, type Field, i64, struct, u16, u32, u64 } from "../field.ts";
import type { Bytes } from "../memory-view.ts";

const upToNul = (value: Bytes): string => JSON.stringify(String.fromCharCode(...value).replace(/\0.*$/s, ""));
const name: Field<Bytes> = bytes(65, upToNul);
const names = struct({ sysname: name, nodename: name, release: name, version: name, machine: name, domainname: name });
export const utsname = { ...names, ...abbreviated(names, value => `sysname=${name.format(value.sysname)}, nodename=${name.format(value.nodename)}`) };

export const sysinfo = struct({
  uptime: i64,
  loads: array(u64, 3),
  totalram: u64,
  freeram: u64,
  sharedram: u64,
  bufferram: u64,
  totalswap: u64,
  freeswap: u64,
  procs: u16,
  _pad: u16,
  totalhigh: u64,
  freehigh: u64,
  mem_unit: u32,
});
