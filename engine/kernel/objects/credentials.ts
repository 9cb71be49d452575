// Who a process acts as, and what that allows (credentials(7), capabilities(7)).
import type { Draft } from "immer";
import { ALL_CAPABILITIES, type CapabilityName, capabilities } from "../../abi/constants/capabilities.ts";
import type { CapabilitySets, Credentials } from "../state/proc-table.ts";
import type { Inode } from "../state/vfs.ts";

const NO_CAPABILITIES = 0n;
const capabilitySets = (isRoot: boolean): CapabilitySets => {
  const all = isRoot ? ALL_CAPABILITIES : NO_CAPABILITIES;
  return { effective: all, permitted: all, inheritable: NO_CAPABILITIES, bounding: ALL_CAPABILITIES };
};
export const initialCredentials = (uid: number, gid: number): Credentials => ({
  ruid: uid,
  euid: uid,
  suid: uid,
  fsuid: uid,
  rgid: gid,
  egid: gid,
  sgid: gid,
  fsgid: gid,
  // As a container begins: supplementary groups are the login program's to set.
  groups: [],
  capabilities: capabilitySets(uid === 0),
  keepsCapabilities: false,
});

export const can = (credentials: Pick<Credentials, "capabilities">, capability: CapabilityName): boolean =>
  (credentials.capabilities.effective & (1n << BigInt(capabilities[capability]))) !== 0n;
/** May do what only the superuser may. */
export const isPrivileged = (credentials: Pick<Credentials, "capabilities">): boolean => can(credentials, "CAP_SYS_ADMIN");
export const isMember = (credentials: Credentials, gid: number): boolean => credentials.fsgid === gid || credentials.groups.includes(gid);

const EXECUTE = 1;
const READ = 4;
/** path_resolution(7), "Permissions": `wanted` is a set of read 4, write 2, execute or search 1. */
export function mayAccess(credentials: Credentials, inode: Pick<Inode, "kind" | "mode" | "uid" | "gid">, wanted: number): boolean {
  const shift = credentials.fsuid === inode.uid ? 6 : isMember(credentials, inode.gid) ? 3 : 0;
  if (((inode.mode >> shift) & wanted) === wanted) return true;
  const isDirectory = inode.kind === "directory";
  // CAP_DAC_OVERRIDE: anything, but executing a file needs one execute bit.
  if (can(credentials, "CAP_DAC_OVERRIDE") && (isDirectory || (wanted & EXECUTE) === 0 || (inode.mode & 0o111) !== 0)) return true;
  return can(credentials, "CAP_DAC_READ_SEARCH") && (wanted === READ || (isDirectory && (wanted & ~(READ | EXECUTE)) === 0));
}

/** access(2) asks for the real ids, not the effective ones. */
export const asRealUser = (credentials: Credentials): Credentials => ({
  ...credentials,
  fsuid: credentials.ruid,
  fsgid: credentials.rgid,
  capabilities: { ...credentials.capabilities, effective: credentials.ruid === 0 ? credentials.capabilities.permitted : NO_CAPABILITIES },
});

/** capabilities(7), "Effect of user ID changes on capabilities". */
export function adjustCapabilities(before: Pick<Credentials, "ruid" | "euid" | "suid">, credentials: Draft<Credentials>): void {
  const sets = credentials.capabilities;
  const hadRoot = before.ruid === 0 || before.euid === 0 || before.suid === 0;
  const hasRoot = credentials.ruid === 0 || credentials.euid === 0 || credentials.suid === 0;
  if (hadRoot && !hasRoot && !credentials.keepsCapabilities) sets.permitted = sets.effective = NO_CAPABILITIES;
  if (before.euid === 0 && credentials.euid !== 0) sets.effective = NO_CAPABILITIES;
  if (before.euid !== 0 && credentials.euid === 0) sets.effective = sets.permitted;
}

/** What execve makes of them: set-user-ID and set-group-ID bits, saved ids, capabilities of root (execve(2), capabilities(7)). */
export function credentialsAfterExecution(credentials: Credentials, program: Pick<Inode, "mode" | "uid" | "gid">, hasNoNewPrivileges: boolean): Credentials {
  const isSetUser = !hasNoNewPrivileges && (program.mode & 0o4000) !== 0;
  // Without group execution the bit means mandatory locking (inode(7)).
  const isSetGroup = !hasNoNewPrivileges && (program.mode & 0o2010) === 0o2010;
  const euid = isSetUser ? program.uid : credentials.euid;
  const egid = isSetGroup ? program.gid : credentials.egid;
  const { inheritable, bounding } = credentials.capabilities;
  const isRoot = euid === 0 || credentials.ruid === 0;
  const permitted = isRoot ? inheritable | bounding : NO_CAPABILITIES;
  return {
    ...credentials,
    euid,
    suid: euid,
    fsuid: euid,
    egid,
    sgid: egid,
    fsgid: egid,
    capabilities: { permitted, effective: euid === 0 ? permitted : NO_CAPABILITIES, inheritable, bounding },
    keepsCapabilities: false,
  };
}
/** AT_SECURE, and whether /proc/PID belongs to root: the program got privileges that its caller had not. */
export const isElevated = (credentials: Credentials): boolean => credentials.euid !== credentials.ruid || credentials.egid !== credentials.rgid;
