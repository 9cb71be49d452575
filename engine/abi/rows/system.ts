// The machine as a whole: its names, load and randomness. Handled by engine/kernel/services/system.ts.
import { Address, flags, Int, inBytes, outBytes, outRandom, outStruct, Size, Uint } from "../argument.ts";
import { row } from "../row.ts";
import { sysinfo, utsname } from "../structs/system-information.ts";

export const systemRows = {
  uname: row(63, "system", { buf: outStruct(utsname) }),
  sysinfo: row(99, "system", { info: outStruct(sysinfo) }),
  sethostname: row(170, "system", { name: inBytes("len"), len: Int }),
  setdomainname: row(171, "system", { name: inBytes("len"), len: Int }),
  getrandom: row(318, "system", { buf: outRandom("buflen"), buflen: Size, flags: flags({ GRND_NONBLOCK: 1, GRND_RANDOM: 2, GRND_INSECURE: 4 }) }),
  syslog: row(103, "system", { type: Int, bufp: outBytes("len"), len: Int }, { missing: "the log is empty" }),
  reboot: row(169, "system", { magic: Int, magic2: Int, cmd: Uint, arg: Address }, { missing: "only Ctrl-Alt-Del is switched; the machine never restarts" }),
};
