// add_key(2), request_key(2) and keyctl(2). Types: user, logon, keyring; nothing is fetched by a helper program, so what is not there is ENOKEY.
import type { Draft } from "immer";
import { KEYCTL_MOVE_EXCL, keyOperations } from "../../abi/constants/key-operations.ts";
import type { Errno } from "../../abi/errno.ts";
import { type Bytes, int32, uint32 } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import { binary, bytesOf } from "../objects/binary-string.ts";
import { can, isMember } from "../objects/credentials.ts";
import {
  type Asker,
  askerOf,
  collectKeys,
  createKey,
  isPossessed,
  keysOf,
  linkKey,
  lookUp,
  mayUseKey,
  need,
  permissionsOfNew,
  quotas,
  searchOwn,
  searchRing,
  specialRing,
} from "../objects/keyrings.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Call, type Calls, done, fail, type Outcome, type PlainOutcome } from "../service.ts";
import type { Key } from "../state/keys.ts";

const MOST_PAYLOAD = 1024 * 1024 - 1;
/** What each type takes, and whether it can be read and written anew. */
interface KeyType {
  readonly accepts: (description: string, payload: Bytes) => boolean;
  readonly isReadable: boolean;
  readonly isUpdatable: boolean;
}
const isUserPayload = (_: string, { length }: Bytes): boolean => length > 0 && length <= 32_767;
const types: Readonly<Record<string, KeyType>> = {
  user: { accepts: isUserPayload, isReadable: true, isUpdatable: true },
  // A service's name stands before the description.
  logon: { accepts: (description, payload) => description.indexOf(":") > 0 && isUserPayload(description, payload), isReadable: false, isUpdatable: true },
  keyring: { accepts: (_, { length }) => length === 0, isReadable: true, isUpdatable: false },
};
const TYPE_BYTES = 32;
const PERMISSIONS = 0x3f3f_3f3f;
function nameOfType(bytes: Bytes): string | Errno {
  const name = binary(bytes);
  if (name === "" || name.length >= TYPE_BYTES) return "EINVAL";
  return name.startsWith(".") ? "EPERM" : name;
}
const isErrno = (name: string): name is Errno => name === "EINVAL" || name === "EPERM";
const costOf = ({ description, payload }: Pick<Key, "description" | "payload">): number => description.length + 1 + payload.length;
function isOverQuota(kernel: Kernel, uid: number, cost: number): boolean {
  const own = [...keysOf(kernel).keys.values()].filter(key => key.uid === uid);
  const { keys, bytes } = uid === 0 ? quotas.root : quotas.other;
  return own.length + 1 > keys || own.reduce((sum, key) => sum + costOf(key as Key), cost) > bytes;
}

const ok = (value = 0): PlainOutcome => done(value, {});
interface Subject {
  readonly kernel: Kernel;
  readonly asker: Asker;
  /** The arguments as numbers, and as their operation's types make them. */
  readonly numbers: readonly number[];
  readonly values: readonly unknown[];
}
type Operation = (subject: Subject) => Outcome<{ readonly out?: Bytes }>;
/** With a key that may be used so. */
const onKey =
  (index: number, needed: number, lookup: Parameters<typeof lookUp>[4], act: (key: Draft<Key>, subject: Subject) => ReturnType<Operation>): Operation =>
  subject => {
    const found = lookUp(subject.kernel, subject.asker, subject.numbers[index]!, needed, lookup);
    return found.kind === "fail" ? fail(found.errno) : act(found.key, subject);
  };
/** Whole, or not at all. */
const told = (bytes: Bytes, room: number): ReturnType<Operation> => done(bytes.length, bytes.length <= room ? { out: bytes } : {});
const isAdministrator = ({ asker }: Subject): boolean => can(asker.credentials, "CAP_SYS_ADMIN");

function joinSession({ kernel, asker, values }: Subject): ReturnType<Operation> {
  const { process, credentials } = asker;
  const name = values[0] as Bytes | null;
  const description = name && binary(name);
  if (description?.startsWith(".")) return fail("EPERM");
  const make = (named: string, permissions: number): number =>
    createKey(kernel, { type: "keyring", description: named, uid: credentials.fsuid, gid: credentials.fsgid, permissions });
  if (description === null) {
    process.sessionKeyring = make("_ses", permissionsOfNew.session);
    return ok(process.sessionKeyring);
  }
  const there = [...keysOf(kernel).keys.values()].find(
    key => key.type === "keyring" && key.description === description && !key.isRevoked && mayUseKey(credentials, key, false, need.search),
  );
  process.sessionKeyring = there?.serial ?? make(description, permissionsOfNew.namedSession);
  return ok(process.sessionKeyring);
}
const payloadOfRing = (key: Draft<Key>): Bytes => {
  const bytes = new Uint8Array(4 * key.links.length);
  key.links.forEach((serial, i) => {
    new DataView(bytes.buffer).setInt32(4 * i, serial, true);
  });
  return bytes;
};
function read({ kernel, asker, numbers, values }: Subject): ReturnType<Operation> {
  const found = lookUp(kernel, asker, numbers[0]!, need.nothing);
  if (found.kind === "fail") return fail(found.errno === "EINVAL" ? "ENOKEY" : found.errno);
  const { key } = found;
  const possessed = numbers[0]! < 0 || isPossessed(kernel, asker, key.serial);
  // Whoever can find it may read it, permission or not.
  if (!mayUseKey(asker.credentials, key, possessed, need.read) && !possessed) return fail("EACCES");
  if (!types[key.type]!.isReadable) return fail("EOPNOTSUPP");
  const content = key.type === "keyring" ? payloadOfRing(key) : (key.payload as Bytes);
  return told(content, values[1] === 0 ? 0 : numbers[2]!);
}
function search({ kernel, asker, numbers, values }: Subject): ReturnType<Operation> {
  const type = nameOfType(values[1] as Bytes);
  if (isErrno(type)) return fail(type);
  const description = binary(values[2] as Bytes);
  const ring = lookUp(kernel, asker, numbers[0]!, need.search);
  if (ring.kind === "fail") return fail(ring.errno);
  const target = numbers[3] === 0 ? null : lookUp(kernel, asker, numbers[3]!, need.write, { isMaking: true });
  if (target?.kind === "fail") return fail(target.errno);
  if (!(type in types)) return fail("ENOKEY");
  if (ring.key.type !== "keyring") return fail("ENOTDIR");
  const possessed = numbers[0]! < 0 || isPossessed(kernel, asker, ring.key.serial);
  const found = searchRing(kernel, asker, ring.key.serial, possessed, key => key.type === type && key.description === description);
  if (found.kind === "fail") return fail(found.errno);
  if (!target) return ok(found.key.serial);
  if (!mayUseKey(asker.credentials, found.key, possessed, need.link)) return fail("EACCES");
  const errno = linkKey(kernel, target.key, found.key);
  return errno ? fail(errno) : ok(found.key.serial);
}
function unlink(key: Draft<Key>, ring: Draft<Key>): Errno | null {
  if (ring.type !== "keyring") return "ENOTDIR";
  if (!ring.links.includes(key.serial)) return "ENOENT";
  ring.links = ring.links.filter(serial => serial !== key.serial);
  return null;
}
function move({ kernel, asker, numbers }: Subject): ReturnType<Operation> {
  const [id, fromId, toId, flags] = numbers as [number, number, number, number];
  if ((flags & ~KEYCTL_MOVE_EXCL) !== 0) return fail("EINVAL");
  const key = lookUp(kernel, asker, id, need.link, { isMaking: true });
  if (key.kind === "fail") return fail(key.errno);
  const from = lookUp(kernel, asker, fromId, need.write);
  if (from.kind === "fail") return fail(from.errno);
  const to = lookUp(kernel, asker, toId, need.write, { isMaking: true });
  if (to.kind === "fail") return fail(to.errno);
  if (from.key.type !== "keyring" || to.key.type !== "keyring") return fail("ENOTDIR");
  if (from.key.serial === to.key.serial) return ok();
  if (!from.key.links.includes(key.key.serial)) return fail("ENOENT");
  const isTaken = to.key.links.some(serial => {
    const other = keysOf(kernel).keys.get(serial);
    return other?.type === key.key.type && other.description === key.key.description;
  });
  if (isTaken && (flags & KEYCTL_MOVE_EXCL) !== 0) return fail("EEXIST");
  const errno = linkKey(kernel, to.key, key.key);
  if (errno) return fail(errno);
  unlink(key.key, from.key);
  return ok();
}
/** Which of them request_key links what it finds to: kept and told. */
const REQUEST_TARGETS = { NO_CHANGE: -1, DEFAULT: 0, MOST: 5 } as const;
/** KEYCTL_CAPS0_CAPABILITIES, INVALIDATE and MOVE. */
const CAPABILITIES = Uint8Array.of(0xa1, 0);
const BILLION = 1_000_000_000;
const { view, write, search: searching, link, setattr, nothing } = need;
const RING = { isMaking: true } as const;
const notAuthorised: Operation = () => fail("EPERM");

const operations: Readonly<Record<number, Operation>> = {
  [keyOperations.KEYCTL_GET_KEYRING_ID]: subject => onKey(0, searching, { isMaking: subject.numbers[1] !== 0 }, key => ok(key.serial))(subject),
  [keyOperations.KEYCTL_JOIN_SESSION_KEYRING]: joinSession,
  [keyOperations.KEYCTL_UPDATE](subject) {
    if (subject.numbers[2]! > 4096) return fail("EINVAL");
    const payload = subject.values[1] as Bytes;
    return onKey(0, write, {}, key => {
      const type = types[key.type]!;
      if (!type.isUpdatable) return fail("EOPNOTSUPP");
      if (!type.accepts(key.description, payload)) return fail("EINVAL");
      Object.assign(key, { payload, expiresNanos: null });
      return ok();
    })(subject);
  },
  [keyOperations.KEYCTL_REVOKE](subject) {
    const revoke = (key: Draft<Key>): ReturnType<Operation> => {
      Object.assign(key, { isRevoked: true, links: [] });
      return ok();
    };
    const outcome = onKey(0, write, {}, revoke)(subject);
    return outcome.kind === "fail" && outcome.errno === "EACCES" ? onKey(0, setattr, {}, revoke)(subject) : outcome;
  },
  [keyOperations.KEYCTL_CHOWN](subject) {
    const [, uid, gid] = subject.numbers as [number, number, number];
    if (uid === -1 && gid === -1) return ok();
    return onKey(0, setattr, { isMaking: true, isPartial: true }, key => {
      const { credentials } = subject.asker;
      const isOther = (uid !== -1 && uid !== key.uid) || (gid !== -1 && gid !== key.gid && !isMember(credentials, gid));
      if (isOther && !isAdministrator(subject)) return fail("EACCES");
      if (uid !== -1) key.uid = uint32(uid);
      if (gid !== -1) key.gid = uint32(gid);
      return ok();
    })(subject);
  },
  [keyOperations.KEYCTL_SETPERM](subject) {
    const permissions = subject.numbers[1]!;
    if ((permissions & ~PERMISSIONS) !== 0) return fail("EINVAL");
    return onKey(0, setattr, { isMaking: true, isPartial: true }, key => {
      if (key.uid !== subject.asker.credentials.fsuid && !isAdministrator(subject)) return fail("EACCES");
      key.permissions = permissions;
      return ok();
    })(subject);
  },
  [keyOperations.KEYCTL_DESCRIBE]: onKey(0, view, { isPartial: true }, ({ type, uid, gid, permissions, description }, { numbers, values }) => {
    const text = `${type};${uid | 0};${gid | 0};${permissions.toString(16).padStart(8, "0")};${description}\0`;
    return told(bytesOf(text), values[1] === 0 ? 0 : numbers[2]!);
  }),
  [keyOperations.KEYCTL_CLEAR]: onKey(0, write, RING, key => {
    if (key.type !== "keyring") return fail("ENOTDIR");
    key.links = [];
    return ok();
  }),
  [keyOperations.KEYCTL_LINK]: onKey(1, write, RING, (ring, subject) =>
    onKey(0, link, RING, key => {
      const errno = linkKey(subject.kernel, ring, key);
      return errno ? fail(errno) : ok();
    })(subject),
  ),
  [keyOperations.KEYCTL_UNLINK]: onKey(1, write, {}, (ring, subject) =>
    onKey(0, nothing, { isPartial: true }, key => {
      const errno = unlink(key, ring);
      return errno ? fail(errno) : ok();
    })(subject),
  ),
  [keyOperations.KEYCTL_SEARCH]: search,
  [keyOperations.KEYCTL_READ]: read,
  // Only a helper that makes keys could do these.
  [keyOperations.KEYCTL_INSTANTIATE]: notAuthorised,
  [keyOperations.KEYCTL_NEGATE]: notAuthorised,
  [keyOperations.KEYCTL_REJECT]: notAuthorised,
  [keyOperations.KEYCTL_INSTANTIATE_IOV]: notAuthorised,
  [keyOperations.KEYCTL_ASSUME_AUTHORITY]: ({ numbers: [id] }) => (id! < 0 ? fail("EINVAL") : id === 0 ? ok() : fail("ENOKEY")),
  [keyOperations.KEYCTL_SET_REQKEY_KEYRING]({ kernel, asker, numbers: [wanted] }) {
    const { task } = asker;
    const before = task.requestKeyring ?? REQUEST_TARGETS.DEFAULT;
    if (wanted === REQUEST_TARGETS.NO_CHANGE) return ok(before);
    if (wanted! < 0 || wanted! > REQUEST_TARGETS.MOST) return fail("EINVAL");
    if (wanted === 1 || wanted === 2) specialRing(kernel, asker, -wanted!, true);
    task.requestKeyring = wanted!;
    return ok(before);
  },
  [keyOperations.KEYCTL_SET_TIMEOUT]: onKey(0, setattr, { isMaking: true, isPartial: true }, (key, { kernel, numbers: [, seconds] }) => {
    key.expiresNanos = seconds === 0 ? null : kernel.nowNanos + uint32(seconds!) * BILLION;
    return ok();
  }),
  [keyOperations.KEYCTL_GET_SECURITY]: onKey(0, view, { isPartial: true }, (_, { numbers, values }) =>
    told(new Uint8Array(1), values[1] === 0 ? 0 : numbers[2]!),
  ),
  [keyOperations.KEYCTL_INVALIDATE]: onKey(0, searching, {}, (key, { kernel }) => {
    const { keys } = keysOf(kernel);
    for (const ring of keys.values()) if (ring.links.includes(key.serial)) ring.links = ring.links.filter(serial => serial !== key.serial);
    keys.delete(key.serial);
    return ok();
  }),
  [keyOperations.KEYCTL_MOVE]: move,
  [keyOperations.KEYCTL_CAPABILITIES]: ({ numbers: [, room], values }) =>
    done(CAPABILITIES.length, values[0] === 0 ? {} : { out: CAPABILITIES.slice(0, room) }),
};

function subjectOf(kernel: Kernel, call: Call<unknown>, values: readonly unknown[]): Subject {
  collectKeys(kernel);
  return { kernel, asker: askerOf(kernel, taskOf(kernel, call.tid)), numbers: call.raws.slice(1).map(int32), values };
}
export const keyCalls: Pick<Calls<"system">, "add_key" | "request_key" | "keyctl"> = {
  // The order is that of security/keys/keyctl.c and key.c, key_create_or_update.
  add_key(kernel, call) {
    const { plen } = call.args;
    if (plen > MOST_PAYLOAD) return fail("EINVAL");
    const type = nameOfType(call.args.type);
    if (isErrno(type)) return fail(type);
    const description = call.args.description === null ? "" : binary(call.args.description);
    if (type === "keyring" && description.startsWith(".")) return fail("EPERM");
    const payload = call.args.payload ?? new Uint8Array(0);
    const { asker } = subjectOf(kernel, call, []);
    const ring = lookUp(kernel, asker, call.args.keyring, need.write, { isMaking: true });
    if (ring.kind === "fail") return fail(ring.errno);
    const kind = types[type];
    if (!kind) return fail("ENODEV");
    if (ring.key.type !== "keyring") return fail("ENOTDIR");
    if (description === "" || !kind.accepts(description, payload)) return fail("EINVAL");
    const { keys } = keysOf(kernel);
    const there = ring.key.links.map(serial => keys.get(serial)!).find(key => key.type === type && key.description === description);
    if (there && kind.isUpdatable && !there.isRevoked) {
      if (!mayUseKey(asker.credentials, there, call.args.keyring < 0 || isPossessed(kernel, asker, there.serial), need.write)) return fail("EACCES");
      Object.assign(there, { payload, expiresNanos: null });
      return done(there.serial, {});
    }
    const { fsuid: uid, fsgid: gid } = asker.credentials;
    if (isOverQuota(kernel, uid, costOf({ description, payload }))) return fail("EDQUOT");
    const rights = need.view | need.search | need.link | need.setattr | need.write | (kind.isReadable ? need.read : 0);
    const serial = createKey(kernel, { type, description, uid, gid, payload, permissions: (rights << 24) | (need.view << 16) });
    linkKey(kernel, ring.key, keys.get(serial)!);
    return done(serial, {});
  },
  request_key(kernel, call) {
    const type = nameOfType(call.args.type);
    if (isErrno(type)) return fail(type);
    const description = binary(call.args.description);
    void call.args.callout_info;
    const { asker } = subjectOf(kernel, call, []);
    const target = call.args.keyring === 0 ? null : lookUp(kernel, asker, call.args.keyring, need.write, { isMaking: true });
    if (target?.kind === "fail") return fail(target.errno);
    if (!(type in types)) return fail("ENOKEY");
    const found = searchOwn(kernel, asker, key => key.type === type && key.description === description);
    if (found.kind === "fail") return fail(found.errno);
    const errno = target ? linkKey(kernel, target.key, found.key) : null;
    return errno ? fail(errno) : done(found.key.serial, {});
  },
  keyctl(kernel, call) {
    const { operation, arg2, arg3, arg4, arg5 } = call.args;
    const act = operations[operation];
    if (!act) return fail("EOPNOTSUPP");
    const outcome = act(subjectOf(kernel, call, [arg2, arg3, arg4, arg5]));
    if (outcome.kind !== "done") return outcome;
    const { out } = outcome.outs;
    return done(outcome.value, { arg2: operation === keyOperations.KEYCTL_CAPABILITIES ? out : undefined, arg3: out, arg4: undefined });
  },
};
