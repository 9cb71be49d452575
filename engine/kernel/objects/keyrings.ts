// Keys and keyrings: who possesses them, who may do what with them, how they are found (keyrings(7), security/keys).
import type { Draft } from "immer";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import type { Key, KeysState } from "../state/keys.ts";
import type { Credentials, Process, Task } from "../state/proc-table.ts";
import { isMember } from "./credentials.ts";
import { plainCredentials } from "./paths.ts";
import { isZombie, processOf } from "./tasks.ts";

export const need = { view: 1, read: 2, write: 4, search: 8, link: 0x10, setattr: 0x20, nothing: 0 } as const;
const ALL = 0x3f;
const [POSSESSOR, OWNER, GROUP] = [24, 16, 8];
export const permissionsOfNew = {
  thread: (ALL << POSSESSOR) | (need.view << OWNER),
  session: (ALL << POSSESSOR) | ((need.view | need.read) << OWNER),
  namedSession: (ALL << POSSESSOR) | ((need.view | need.read | need.link) << OWNER),
  user: ((ALL & ~need.setattr) << POSSESSOR) | (ALL << OWNER),
} as const;
/** keyrings(7): names for keyrings that belong to whoever calls. */
export const special = { THREAD: -1, PROCESS: -2, SESSION: -3, USER: -4, USER_SESSION: -5, GROUP: -6 } as const;
const FIRST_SERIAL = 0x1000_0000;
const DEEPEST = 6;
const NOTHING = new Uint8Array(0);

export function keysOf(kernel: Kernel): Draft<KeysState> {
  kernel.system.keys ??= { keys: new Map(), nextSerial: FIRST_SERIAL, users: new Map() };
  return kernel.system.keys;
}
/** KEYRING_SEARCH_MAX_DEPTH and quotas of keyctl(2) (proc_sys_kernel(5), keys/maxkeys, maxbytes). */
export const quotas = { root: { keys: 1_000_000, bytes: 25_000_000 }, other: { keys: 200, bytes: 20_000 } } as const;

export type NewKey = Pick<Key, "type" | "description" | "uid" | "gid" | "permissions"> & { readonly payload?: Key["payload"] };
export function createKey(kernel: Kernel, { payload = NOTHING, ...key }: NewKey): number {
  const state = keysOf(kernel);
  const serial = state.nextSerial++;
  state.keys.set(serial, { serial, ...key, payload: payload as Uint8Array, links: [], expiresNanos: null, isRevoked: false });
  return serial;
}
function createRing(kernel: Kernel, credentials: Credentials, description: string, permissions: number): number {
  return createKey(kernel, { type: "keyring", description, uid: credentials.fsuid, gid: credentials.fsgid, permissions });
}
/** A thread of a thread that has a keyring of its own begins with one (kernel/cred.c, copy_creds). */
export const threadRing = (kernel: Kernel, credentials: Credentials): number => createRing(kernel, credentials, "_tid", permissionsOfNew.thread);
const NO_GROUP = 65_534;
function userRings(kernel: Kernel, uid: number): Draft<{ user: number; session: number }> {
  const state = keysOf(kernel);
  const found = state.users.get(uid);
  if (found) return found;
  const make = (description: string): number => createKey(kernel, { type: "keyring", description, uid, gid: NO_GROUP, permissions: permissionsOfNew.user });
  const made = { user: make(`_uid.${uid}`), session: make(`_uid_ses.${uid}`) };
  state.keys.get(made.session)!.links = [made.user];
  state.users.set(uid, made);
  return state.users.get(uid)!;
}

/** Who asks. */
export interface Asker {
  readonly task: Draft<Task>;
  readonly process: Draft<Process>;
  readonly credentials: Credentials;
}
export function askerOf(kernel: Kernel, task: Draft<Task>): Asker {
  return { task, process: processOf(kernel, task.pid), credentials: plainCredentials(kernel, task) };
}
/** The keyring that a special number means; `null`: there is none yet, and none is made. */
export function specialRing(kernel: Kernel, { task, process, credentials }: Asker, id: number, isMaking: boolean): number | null | Errno {
  const { ruid } = credentials;
  if (id === special.THREAD) {
    if (task.threadKeyring === undefined && isMaking) task.threadKeyring = threadRing(kernel, credentials);
    return task.threadKeyring ?? null;
  }
  if (id === special.PROCESS) {
    if (process.processKeyring === undefined && isMaking) process.processKeyring = createRing(kernel, credentials, "_pid", permissionsOfNew.thread);
    return process.processKeyring ?? null;
  }
  if (id === special.SESSION) {
    // One that has none gets the user's at the first look, or a new one where it is to be changed.
    process.sessionKeyring ??= isMaking ? createRing(kernel, credentials, "_ses", permissionsOfNew.session) : userRings(kernel, ruid).session;
    return process.sessionKeyring;
  }
  if (id === special.USER) return userRings(kernel, ruid).user;
  if (id === special.USER_SESSION) return userRings(kernel, ruid).session;
  return id === -7 || id === -8 ? null : "EINVAL";
}
/** Of the asker's own keyrings, in the order of searching. */
const ownRings = (kernel: Kernel, { task, process, credentials }: Asker): readonly number[] =>
  [task.threadKeyring, process.processKeyring, process.sessionKeyring ?? keysOf(kernel).users.get(credentials.ruid)?.session].filter(
    ring => ring !== undefined,
  );

export function mayUseKey(credentials: Credentials, key: Draft<Key>, isPossessed: boolean, needed: number): boolean {
  const { permissions, uid, gid } = key;
  const isGroup = ((permissions >>> GROUP) & ALL) !== 0 && isMember(credentials, gid);
  const own = credentials.fsuid === uid ? permissions >>> OWNER : isGroup ? permissions >>> GROUP : permissions;
  return ((own | (isPossessed ? permissions >>> POSSESSOR : 0)) & needed) === needed;
}
/** Why a key is of no use any more. */
export function whyUseless(kernel: Kernel, key: Draft<Key>): Errno | null {
  if (key.isRevoked) return "EKEYREVOKED";
  return key.expiresNanos !== null && key.expiresNanos <= kernel.nowNanos ? "EKEYEXPIRED" : null;
}
export type Found = { readonly kind: "found"; readonly key: Draft<Key> } | { readonly kind: "fail"; readonly errno: Errno };
/** Looks through a keyring and those in it, each only where it may be searched. */
export function searchRing(kernel: Kernel, asker: Asker, ring: number, isPossessed: boolean, matches: (key: Draft<Key>) => boolean, depth = 0): Found {
  const { keys } = keysOf(kernel);
  const start = keys.get(ring);
  let errno: Errno = "ENOKEY";
  if (start?.type !== "keyring" || whyUseless(kernel, start) || !mayUseKey(asker.credentials, start, isPossessed, need.search)) return { kind: "fail", errno };
  if (depth === 0 && matches(start)) return { kind: "found", key: start };
  for (const serial of start.links) {
    const key = keys.get(serial);
    if (!key || !matches(key)) continue;
    const useless = whyUseless(kernel, key);
    if (!useless && mayUseKey(asker.credentials, key, isPossessed, need.search)) return { kind: "found", key };
    errno = useless ?? "EACCES";
  }
  if (depth >= DEEPEST) return { kind: "fail", errno };
  for (const serial of start.links) {
    if (keys.get(serial)?.type !== "keyring") continue;
    const inner = searchRing(kernel, asker, serial, isPossessed, matches, depth + 1);
    if (inner.kind === "found") return inner;
    if (inner.errno !== "ENOKEY") errno = inner.errno;
  }
  return { kind: "fail", errno };
}
export function searchOwn(kernel: Kernel, asker: Asker, matches: (key: Draft<Key>) => boolean): Found {
  const errnos: Errno[] = [];
  for (const ring of ownRings(kernel, asker)) {
    const found = searchRing(kernel, asker, ring, true, matches);
    if (found.kind === "found") return found;
    errnos.push(found.errno);
  }
  // A keyring that has no such key outweighs one whose key is of no use.
  return { kind: "fail", errno: errnos.includes("ENOKEY") ? "ENOKEY" : (errnos.at(-1) ?? "ENOKEY") };
}
/** Possessed is what can be found from one's own keyrings. */
export function isPossessed(kernel: Kernel, asker: Asker, serial: number): boolean {
  const visit = (ring: number, depth: number): boolean => {
    if (ring === serial) return true;
    const key = keysOf(kernel).keys.get(ring);
    if (key?.type !== "keyring" || depth > DEEPEST || !mayUseKey(asker.credentials, key, true, need.search)) return false;
    return key.links.includes(serial) || key.links.some(inner => keysOf(kernel).keys.get(inner)?.type === "keyring" && visit(inner, depth + 1));
  };
  const key = keysOf(kernel).keys.get(serial);
  return key !== undefined && mayUseKey(asker.credentials, key, true, need.search) && ownRings(kernel, asker).some(ring => visit(ring, 0));
}
export interface Lookup {
  readonly isMaking?: boolean;
  /** Revoked and expired ones, too. */
  readonly isPartial?: boolean;
}
/** security/keys/process_keys.c, lookup_user_key. */
export function lookUp(kernel: Kernel, asker: Asker, id: number, needed: number, { isMaking = false, isPartial = false }: Lookup = {}): Found {
  const serial = id < 0 ? specialRing(kernel, asker, id, isMaking) : id;
  if (typeof serial === "string" || id === 0) return { kind: "fail", errno: "EINVAL" };
  const key = serial === null ? undefined : keysOf(kernel).keys.get(serial);
  if (!key) return { kind: "fail", errno: "ENOKEY" };
  const useless = isPartial ? null : whyUseless(kernel, key);
  if (useless) return { kind: "fail", errno: useless };
  return needed === 0 || mayUseKey(asker.credentials, key, id < 0 || isPossessed(kernel, asker, key.serial), needed)
    ? { kind: "found", key }
    : { kind: "fail", errno: "EACCES" };
}

/** A keyring in which it would be found again, directly or not. */
function isWithin(kernel: Kernel, serial: number, ring: number): boolean {
  if (serial === ring) return true;
  return (
    keysOf(kernel)
      .keys.get(serial)
      ?.links.some(inner => isWithin(kernel, inner, ring)) ?? false
  );
}
/** The key stands in the keyring, instead of another of its type and description. */
export function linkKey(kernel: Kernel, ring: Draft<Key>, key: Draft<Key>): Errno | null {
  if (ring.type !== "keyring") return "ENOTDIR";
  if (key.type === "keyring" && isWithin(kernel, key.serial, ring.serial)) return "EDEADLK";
  const { keys } = keysOf(kernel);
  const isSame = (serial: number): boolean => {
    const other = keys.get(serial);
    return serial === key.serial || (other?.type === key.type && other.description === key.description);
  };
  const at = ring.links.findIndex(isSame);
  ring.links = at < 0 ? [...ring.links, key.serial] : ring.links.with(at, key.serial);
  return null;
}
/** What nobody can reach any more is gone. */
export function collectKeys(kernel: Kernel): void {
  const state = kernel.system.keys;
  if (!state) return;
  const kept = new Set<number>();
  const keep = (serial: number | undefined): void => {
    if (serial === undefined || kept.has(serial)) return;
    kept.add(serial);
    for (const inner of state.keys.get(serial)?.links ?? []) keep(inner);
  };
  for (const { user, session } of state.users.values()) {
    keep(user);
    keep(session);
  }
  for (const process of kernel.procTable.processes.values()) {
    if (isZombie(process)) continue;
    keep(process.processKeyring);
    keep(process.sessionKeyring);
    for (const tid of process.tasks) keep(kernel.procTable.tasks.get(tid)?.threadKeyring);
  }
  for (const serial of [...state.keys.keys()]) if (!kept.has(serial)) state.keys.delete(serial);
}
