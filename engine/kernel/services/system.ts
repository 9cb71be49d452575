// The calls about the machine as a whole: names, load, randomness, restart.
import { binary, bytesOf } from "../objects/binary-string.ts";
import { can } from "../objects/credentials.ts";
import { randomBytes } from "../objects/random.ts";
import { RELEASE, VERSION } from "../objects/release.ts";
import { processOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK } from "../service.ts";
import { deviceCalls } from "./system-devices.ts";
import { keyCalls } from "./system-keys.ts";
import { privilegedCalls } from "./system-privileged.ts";

const NAME_BYTES = 65;
const named = (text: string): Uint8Array => {
  const bytes = new Uint8Array(NAME_BYTES);
  bytes.set(bytesOf(text).subarray(0, NAME_BYTES - 1));
  return bytes;
};
/** personality(2): what setarch(8) sets for programs that would not know this machine, or its kernel. */
const [PER_MASK, PER_LINUX32, UNAME26] = [0xff, 8, 0x2_0000];
/** As a version 2.6 (kernel/sys.c, override_release). */
function oldRelease(release: string): string {
  const [numbers, minor] = /^\d+\.(\d+)(?:\.\d+)?/.exec(release)!;
  return `2.6.${Number(minor) + 60}${release.slice(numbers.length)}`;
}
const GETRANDOM_FLAGS = 7;
/** GRND_RANDOM | GRND_INSECURE contradict one another (getrandom(2)). */
const GRND_CONTRADICTION = 6;
const MAX_RANDOM = 0x7fff_f000;
/** The most that one call may ask of a simulated machine without being cut short. */
const RANDOM_AT_ONCE = 1 << 25;

const REBOOT_MAGIC = 0xfee1_dead | 0;
const REBOOT_MAGICS: readonly number[] = [672_274_793, 85_072_278, 369_367_448, 537_993_216];
const rebootCommands = { CAD_OFF: 0, CAD_ON: 0x89ab_cdef } as const;

const syslogActions = {
  CLOSE: 0,
  OPEN: 1,
  READ: 2,
  READ_ALL: 3,
  READ_CLEAR: 4,
  CLEAR: 5,
  CONSOLE_OFF: 6,
  CONSOLE_ON: 7,
  CONSOLE_LEVEL: 8,
  SIZE_UNREAD: 9,
  SIZE_BUFFER: 10,
} as const;
const LOG_BUFFER_BYTES = 1 << 18;

export const systemCalls: Calls<"system"> = {
  ...deviceCalls,
  ...keyCalls,
  ...privilegedCalls,
  uname(kernel, call) {
    if (call.args.buf === 0) return fail("EFAULT");
    const { hostname, domainname } = kernel.system;
    const { personality } = processOf(kernel, call.pid);
    return done(0, {
      buf: {
        sysname: named("Linux"),
        nodename: named(hostname),
        release: named(personality & UNAME26 ? oldRelease(RELEASE) : RELEASE),
        version: named(VERSION),
        machine: named((personality & PER_MASK) === PER_LINUX32 ? "i686" : "x86_64"),
        domainname: named(domainname),
      },
    });
  },
  sysinfo(kernel, call) {
    if (call.args.info === 0) return fail("EFAULT");
    const { parameters, fileBytesInUse } = kernel.system;
    return done(0, {
      info: {
        uptime: Math.floor(kernel.nowNanos / 1_000_000_000),
        loads: [0, 0, 0],
        totalram: parameters.memoryBytes,
        freeram: Math.max(0, parameters.memoryBytes - fileBytesInUse),
        sharedram: 0,
        bufferram: 0,
        totalswap: 0,
        freeswap: 0,
        procs: kernel.procTable.tasks.size,
        _pad: 0,
        totalhigh: 0,
        freehigh: 0,
        mem_unit: 1,
      },
    });
  },
  sethostname(kernel, call) {
    const { len } = call.args;
    if (!can(processOf(kernel, call.pid).credentials, "CAP_SYS_ADMIN")) return fail("EPERM");
    if (len < 0 || len >= NAME_BYTES) return fail("EINVAL");
    kernel.system.hostname = upToNul(binary(call.args.name));
    return OK;
  },
  setdomainname(kernel, call) {
    const { len } = call.args;
    if (!can(processOf(kernel, call.pid).credentials, "CAP_SYS_ADMIN")) return fail("EPERM");
    if (len < 0 || len >= NAME_BYTES) return fail("EINVAL");
    kernel.system.domainname = upToNul(binary(call.args.name));
    return OK;
  },
  getrandom(kernel, call) {
    const { flags, buflen } = call.args;
    if ((flags & ~GETRANDOM_FLAGS) !== 0 || (flags & GRND_CONTRADICTION) === GRND_CONTRADICTION) return fail("EINVAL");
    const count = Math.min(buflen, MAX_RANDOM, RANDOM_AT_ONCE);
    return done(count, { buf: randomBytes(kernel, count) });
  },
  syslog(kernel, call) {
    const { type, len, bufp } = call.args;
    const isOpenToAll = type === syslogActions.READ_ALL || type === syslogActions.SIZE_BUFFER;
    if (!isOpenToAll && !can(processOf(kernel, call.pid).credentials, "CAP_SYSLOG")) return fail("EPERM");
    if (type < syslogActions.CLOSE || type > syslogActions.SIZE_BUFFER) return fail("EINVAL");
    const isReading = type === syslogActions.READ || type === syslogActions.READ_ALL || type === syslogActions.READ_CLEAR;
    if (isReading && (bufp === 0 || len < 0)) return fail("EINVAL");
    if (type === syslogActions.CONSOLE_LEVEL && (len < 1 || len > 8)) return fail("EINVAL");
    const value = type === syslogActions.SIZE_BUFFER ? LOG_BUFFER_BYTES : 0;
    return done(value, { bufp: new Uint8Array(0) });
  },
  reboot(kernel, call) {
    const { magic, magic2, cmd } = call.args;
    if (!can(processOf(kernel, call.pid).credentials, "CAP_SYS_BOOT")) return fail("EPERM");
    if (magic !== REBOOT_MAGIC || !REBOOT_MAGICS.includes(magic2)) return fail("EINVAL");
    // What cannot happen here is refused as in a container without the capability, not said to have happened.
    return cmd === rebootCommands.CAD_OFF || cmd === rebootCommands.CAD_ON ? OK : fail("EPERM");
  },
};
const upToNul = (text: string): string => text.replace(/\0.*$/s, "");
