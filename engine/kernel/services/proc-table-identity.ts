// Who a process is and acts as: ids, groups, capabilities (credentials(7), capabilities(7)). The ids are a process's here, as NPTL makes them for programs.
import type { Draft } from "immer";
import { ALL_CAPABILITIES } from "../../abi/constants/capabilities.ts";
import { capabilityVersions } from "../../abi/structs/capability-sets.ts";
import type { Kernel } from "../kernel.ts";
import { adjustCapabilities, can } from "../objects/credentials.ts";
import { processOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, OK, type PlainOutcome } from "../service.ts";
import type { Credentials, Process } from "../state/proc-table.ts";

/** -1: unchanged, as the unsigned number it is. */
const UNCHANGED = 0xffff_ffff;
const MAX_GROUPS = 65_536;
const orOld = (id: number, old: number): number => (id === UNCHANGED ? old : id);
const own = (kernel: Kernel, call: Call<unknown>): Draft<Credentials> => processOf(kernel, call.pid).credentials;

interface Ids {
  readonly real: number;
  readonly effective: number;
  readonly saved: number;
}
function becomeUser(kernel: Kernel, call: Call<unknown>, { real, effective, saved }: Ids): PlainOutcome {
  const process = processOf(kernel, call.pid);
  const { credentials } = process;
  const { ruid, euid, suid } = credentials;
  Object.assign(credentials, { ruid: real, euid: effective, suid: saved, fsuid: effective });
  adjustCapabilities({ ruid, euid, suid }, credentials);
  loseDumps(process, effective !== euid);
  return OK;
}
function becomeGroup(kernel: Kernel, call: Call<unknown>, { real, effective, saved }: Ids): PlainOutcome {
  const process = processOf(kernel, call.pid);
  const { egid } = process.credentials;
  Object.assign(process.credentials, { rgid: real, egid: effective, sgid: saved, fsgid: effective });
  loseDumps(process, effective !== egid);
  return OK;
}
/** prctl(2), PR_SET_DUMPABLE: other ids, other secrets. */
function loseDumps(process: Draft<Process>, hasChanged: boolean): void {
  if (hasChanged) process.isDumpable = false;
  if (hasChanged) process.parentDeathSignal = 0;
}

type IdCalls =
  | "getuid"
  | "geteuid"
  | "getgid"
  | "getegid"
  | "setuid"
  | "setgid"
  | "setreuid"
  | "setregid"
  | "setresuid"
  | "getresuid"
  | "setresgid"
  | "getresgid"
  | "setfsuid"
  | "setfsgid";
const idCalls: Pick<Calls<"procTable">, IdCalls> = {
  getuid: (kernel, call) => done(own(kernel, call).ruid, {}),
  geteuid: (kernel, call) => done(own(kernel, call).euid, {}),
  getgid: (kernel, call) => done(own(kernel, call).rgid, {}),
  getegid: (kernel, call) => done(own(kernel, call).egid, {}),
  setuid(kernel, call) {
    const { uid } = call.args;
    const credentials = own(kernel, call);
    if (uid === UNCHANGED) return fail("EINVAL");
    if (can(credentials, "CAP_SETUID")) return becomeUser(kernel, call, { real: uid, effective: uid, saved: uid });
    if (uid !== credentials.ruid && uid !== credentials.suid) return fail("EPERM");
    return becomeUser(kernel, call, { real: credentials.ruid, effective: uid, saved: credentials.suid });
  },
  setgid(kernel, call) {
    const { gid } = call.args;
    const credentials = own(kernel, call);
    if (gid === UNCHANGED) return fail("EINVAL");
    if (can(credentials, "CAP_SETGID")) return becomeGroup(kernel, call, { real: gid, effective: gid, saved: gid });
    if (gid !== credentials.rgid && gid !== credentials.sgid) return fail("EPERM");
    return becomeGroup(kernel, call, { real: credentials.rgid, effective: gid, saved: credentials.sgid });
  },
  setreuid(kernel, call) {
    const { ruid, euid } = call.args;
    const old = own(kernel, call);
    const [real, effective] = [orOld(ruid, old.ruid), orOld(euid, old.euid)];
    const isAllowed = can(old, "CAP_SETUID") || ([old.ruid, old.euid].includes(real) && [old.ruid, old.euid, old.suid].includes(effective));
    if (!isAllowed) return fail("EPERM");
    const savesNew = ruid !== UNCHANGED || (euid !== UNCHANGED && effective !== old.ruid);
    return becomeUser(kernel, call, { real, effective, saved: savesNew ? effective : old.suid });
  },
  setregid(kernel, call) {
    const { rgid, egid } = call.args;
    const old = own(kernel, call);
    const [real, effective] = [orOld(rgid, old.rgid), orOld(egid, old.egid)];
    const isAllowed = can(old, "CAP_SETGID") || ([old.rgid, old.egid].includes(real) && [old.rgid, old.egid, old.sgid].includes(effective));
    if (!isAllowed) return fail("EPERM");
    const savesNew = rgid !== UNCHANGED || (egid !== UNCHANGED && effective !== old.rgid);
    return becomeGroup(kernel, call, { real, effective, saved: savesNew ? effective : old.sgid });
  },
  setresuid(kernel, call) {
    const { ruid, euid, suid } = call.args;
    const old = own(kernel, call);
    const mine = [old.ruid, old.euid, old.suid];
    const wanted = [orOld(ruid, old.ruid), orOld(euid, old.euid), orOld(suid, old.suid)] as const;
    if (!can(old, "CAP_SETUID") && !wanted.every(id => mine.includes(id))) return fail("EPERM");
    return becomeUser(kernel, call, { real: wanted[0], effective: wanted[1], saved: wanted[2] });
  },
  setresgid(kernel, call) {
    const { rgid, egid, sgid } = call.args;
    const old = own(kernel, call);
    const mine = [old.rgid, old.egid, old.sgid];
    const wanted = [orOld(rgid, old.rgid), orOld(egid, old.egid), orOld(sgid, old.sgid)] as const;
    if (!can(old, "CAP_SETGID") && !wanted.every(id => mine.includes(id))) return fail("EPERM");
    return becomeGroup(kernel, call, { real: wanted[0], effective: wanted[1], saved: wanted[2] });
  },
  getresuid(kernel, call) {
    if (call.args.ruid === 0 || call.args.euid === 0 || call.args.suid === 0) return fail("EFAULT");
    const { ruid, euid, suid } = own(kernel, call);
    return done(0, { ruid, euid, suid });
  },
  getresgid(kernel, call) {
    if (call.args.rgid === 0 || call.args.egid === 0 || call.args.sgid === 0) return fail("EFAULT");
    const { rgid, egid, sgid } = own(kernel, call);
    return done(0, { rgid, egid, sgid });
  },
  // Both answer the old id, and tell of no failure (setfsuid(2), BUGS).
  setfsuid(kernel, call) {
    const credentials = own(kernel, call);
    const { ruid, euid, suid, fsuid } = credentials;
    const { fsuid: wanted } = call.args;
    if (wanted !== UNCHANGED && (can(credentials, "CAP_SETUID") || [ruid, euid, suid, fsuid].includes(wanted))) credentials.fsuid = wanted;
    return done(fsuid, {});
  },
  setfsgid(kernel, call) {
    const credentials = own(kernel, call);
    const { rgid, egid, sgid, fsgid } = credentials;
    const { fsgid: wanted } = call.args;
    if (wanted !== UNCHANGED && (can(credentials, "CAP_SETGID") || [rgid, egid, sgid, fsgid].includes(wanted))) credentials.fsgid = wanted;
    return done(fsgid, {});
  },
};

const halves = (set: bigint): readonly [number, number] => [Number(set & 0xffff_ffffn), Number(set >> 32n)];
const isKnownVersion = (version: number): boolean => Object.values<number>(capabilityVersions).includes(version);
const { _LINUX_CAPABILITY_VERSION_1: V1, _LINUX_CAPABILITY_VERSION_3: V3 } = capabilityVersions;

export const identityCalls: Pick<Calls<"procTable">, IdCalls | "getpid" | "gettid" | "getppid" | "getgroups" | "setgroups" | "capget" | "capset"> = {
  ...idCalls,
  getpid: (_, call) => done(call.pid, {}),
  gettid: (_, call) => done(call.tid, {}),
  getppid: (kernel, call) => done(processOf(kernel, call.pid).parent, {}),
  getgroups(kernel, call) {
    const { size } = call.args;
    const { groups } = own(kernel, call);
    if (size < 0 || (size > 0 && size < groups.length)) return fail("EINVAL");
    return done(groups.length, { list: size === 0 ? undefined : [...groups] });
  },
  setgroups(kernel, call) {
    const credentials = own(kernel, call);
    if (!can(credentials, "CAP_SETGID")) return fail("EPERM");
    if (call.args.size < 0 || call.args.size > MAX_GROUPS || !call.args.list) return fail("EINVAL");
    credentials.groups = [...call.args.list].sort((a, b) => a - b);
    return OK;
  },
  capget(kernel, call) {
    const { hdrp, datap } = call.args;
    if (!hdrp) return fail("EFAULT");
    if (!isKnownVersion(hdrp.version)) {
      // The version that the kernel has is told; asking for just that is no error (capget(2)).
      const answer = { hdrp: { ...hdrp, version: V3 }, datap: undefined };
      return datap === 0 ? done(0, answer) : { kind: "done", value: -22, outs: answer };
    }
    if (hdrp.pid < 0) return fail("EINVAL");
    const target = hdrp.pid === 0 ? processOf(kernel, call.pid) : kernel.procTable.processes.get(hdrp.pid);
    if (!target) return fail("ESRCH");
    const { effective, permitted, inheritable } = target.credentials.capabilities;
    const [e, p, i] = [halves(effective), halves(permitted), halves(inheritable)];
    const half = (n: 0 | 1): { effective: number; permitted: number; inheritable: number } => ({ effective: e[n], permitted: p[n], inheritable: i[n] });
    return done(0, { hdrp: undefined, datap: hdrp.version === V1 ? [half(0)] : [half(0), half(1)] });
  },
  capset(kernel, call) {
    const { hdrp } = call.args;
    if (!hdrp) return fail("EFAULT");
    if (!isKnownVersion(hdrp.version)) return { kind: "done", value: -22, outs: { hdrp: { ...hdrp, version: V3 } } };
    if (hdrp.pid !== 0 && hdrp.pid !== call.pid) return fail("EPERM");
    const { datap } = call.args;
    if (!datap) return fail("EFAULT");
    const whole = (name: "effective" | "permitted" | "inheritable"): bigint =>
      (BigInt(datap[0]![name]) | (hdrp.version === V1 ? 0n : BigInt(datap[1]![name]) << 32n)) & ALL_CAPABILITIES;
    const [effective, permitted, inheritable] = [whole("effective"), whole("permitted"), whole("inheritable")];
    const credentials = own(kernel, call);
    const old = credentials.capabilities;
    const isWithin = (set: bigint, limit: bigint): boolean => (set & ~limit) === 0n;
    if (!can(credentials, "CAP_SETPCAP") && !isWithin(inheritable, old.inheritable | old.permitted)) return fail("EPERM");
    if (!isWithin(inheritable, old.inheritable | old.bounding) || !isWithin(permitted, old.permitted) || !isWithin(effective, permitted)) return fail("EPERM");
    Object.assign(old, { effective, permitted, inheritable });
    return done(0, { hdrp: undefined });
  },
};
