// The machine as a whole: its names, load and randomness. Handled by engine/kernel/services/system.ts.
import { Address, type Arg, flags, Int, inBytes, oneOf, outBytes, outRandom, outStruct, outValue, Size, text, Uint, variant } from "../argument.ts";
import { keyOperations } from "../constants/key-operations.ts";
import { type Bytes, uint64 } from "../memory-view.ts";
import { row } from "../row.ts";
import { sysinfo, utsname } from "../structs/system-information.ts";
import { ustat } from "../structs/ustat.ts";

const PAGE = 4096;
const TYPE_BYTES = 32;
/** `devtmpfs` and its NUL. */
const LONGEST_TYPE = 9;
/** A name that is stored with its NUL, however long the buffer is. */
const outName: Arg<number, Bytes | undefined> = {
  label: "out name",
  decode: uint64,
  encode: (out, raw) => (out ? [{ address: uint64(raw), bytes: out }] : []),
  extent: () => LONGEST_TYPE,
  format: Address.format,
};
/** NULL gives `null`. */
const optional = <T>(arg: Arg<T>): Arg<T | null> => ({
  ...arg,
  decode: (raw, memory, raws) => (uint64(raw) === 0 ? null : arg.decode(raw, memory, raws)),
});

export const systemRows = {
  uname: row(63, "system", { buf: outStruct(utsname) }),
  sysinfo: row(99, "system", { info: outStruct(sysinfo) }),
  sethostname: row(170, "system", { name: inBytes("len"), len: Int }),
  setdomainname: row(171, "system", { name: inBytes("len"), len: Int }),
  getrandom: row(318, "system", { buf: outRandom("buflen"), buflen: Size, flags: flags({ GRND_NONBLOCK: 1, GRND_RANDOM: 2, GRND_INSECURE: 4 }) }),
  syslog: row(103, "system", { type: Int, bufp: outBytes("len"), len: Int }, { missing: "the log is empty" }),
  ustat: row(136, "system", { dev: Uint, ubuf: outValue(ustat) }, { classes: ["%statfs"] }),
  sysfs: row(139, "system", {
    option: Int,
    arg1: variant("option", { name: { code: 1, arg: text(PAGE) } }, Uint) as Arg<unknown>,
    arg2: variant("option", { name: { code: 2, arg: outName } }),
  }),
  vhangup: row(153, "system", {}),
  quotactl: row(179, "system", { cmd: Uint, special: optional(text(PAGE)), id: Int, addr: Address }, { classes: ["file"] }),
  quotactl_fd: row(443, "system", { fd: Uint, cmd: Uint, id: Int, addr: Address }, { classes: ["desc"] }),
  add_key: row(248, "system", { type: text(TYPE_BYTES), description: optional(text(PAGE)), payload: optional(inBytes("plen")), plen: Size, keyring: Int }),
  request_key: row(
    249,
    "system",
    { type: text(TYPE_BYTES), description: text(PAGE), callout_info: optional(text(PAGE)), keyring: Int },
    {
      missing: "no helper is called that could make the key",
    },
  ),
  keyctl: row(
    250,
    "system",
    {
      operation: oneOf(keyOperations, "KEYCTL_???"),
      arg2: variant(
        "operation",
        {
          join: { code: keyOperations.KEYCTL_JOIN_SESSION_KEYRING, arg: optional(text(PAGE)) },
          capabilities: { code: keyOperations.KEYCTL_CAPABILITIES, arg: outBytes("arg3") },
        },
        Int,
      ),
      arg3: variant(
        "operation",
        {
          update: { code: keyOperations.KEYCTL_UPDATE, arg: inBytes("arg4") },
          describe: { code: keyOperations.KEYCTL_DESCRIBE, arg: outBytes("arg4") },
          read: { code: keyOperations.KEYCTL_READ, arg: outBytes("arg4") },
          security: { code: keyOperations.KEYCTL_GET_SECURITY, arg: outBytes("arg4") },
          search: { code: keyOperations.KEYCTL_SEARCH, arg: text(TYPE_BYTES) },
        },
        Int,
      ),
      arg4: variant("operation", { search: { code: keyOperations.KEYCTL_SEARCH, arg: text(PAGE) } }, Int),
      arg5: Int,
    },
    { missing: "session keyrings are not given to parents, nothing is watched, encrypted or signed; no persistent keyrings" },
  ),
  reboot: row(169, "system", { magic: Int, magic2: Int, cmd: Uint, arg: Address }, { missing: "only Ctrl-Alt-Del is switched; the machine never restarts" }),
};
