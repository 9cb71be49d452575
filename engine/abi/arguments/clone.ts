// The arguments of clone(2) and clone3(2).
import { Address, type Arg, formatFlags } from "../argument.ts";
import { CLONE_CLEAR_SIGHAND, CLONE_INTO_CGROUP, cloneFlags, EXIT_SIGNAL_MASK } from "../constants/clone-flags.ts";
import { signalName } from "../constants/signals.ts";
import { decodeField, i32, pointer } from "../field.ts";
import { type GuestReader, orNull, type Raw, uint32, uint64 } from "../memory-view.ts";
import { CLONE_ARGS_SIZE_VER0, cloneArguments, laterArguments } from "../structs/clone-arguments.ts";
import { WideAddress } from "./wide-address.ts";

/** clone's flags, with the exit signal in the lowest byte. */
export const CloneFlags: Arg<number> = {
  label: "clone flags",
  values: Object.values(cloneFlags),
  decode: uint32,
  format(raw, view) {
    const value = uint32(raw);
    const signal = value & EXIT_SIGNAL_MASK;
    const parts = [formatFlags(cloneFlags, value & ~EXIT_SIGNAL_MASK, ""), signal === 0 ? "" : signalName(signal)];
    return `child_stack=${Address.format(view.raws.stack!, view)}, flags=${parts.filter(Boolean).join("|") || "0"}`;
  },
};
/** strace names clone's arguments, puts the stack first, and leaves out those that the flags do not ask for. */
export const ChildStack: Arg<Raw> = { ...WideAddress, format: () => "" };
const onlyWith = <A>(arg: Arg<A>, name: string, flags: number): Arg<A> => ({
  ...arg,
  format: (raw, view) => (uint32(view.raws.flags!) & flags ? `${name}=${Address.format(raw, view)}` : ""),
});
export const ParentTid = onlyWith(Address, "parent_tid", cloneFlags.CLONE_PARENT_SETTID);
export const ChildTid = onlyWith(Address, "child_tidptr", cloneFlags.CLONE_CHILD_SETTID | cloneFlags.CLONE_CHILD_CLEARTID);
export const ThreadPointer = onlyWith(WideAddress, "tls", cloneFlags.CLONE_SETTLS);

export interface CloneRequest {
  readonly fields: ReturnType<(typeof cloneArguments)["get"]>;
  /** A later version's field is set: E2BIG. */
  readonly hasUnknown: boolean;
  /** The numbers that the child shall have, by namespace from the innermost; `null`: they cannot be read, `invalid`: there are none, or too many. */
  readonly tids: readonly number[] | "invalid" | null;
  readonly cgroup: number;
}
const PAGE = 4096;
/** MAX_PID_NS_LEVEL. */
const MOST_TIDS = 32;
function tidsAt(memory: GuestReader, address: number, count: number): CloneRequest["tids"] {
  if (count > MOST_TIDS || (address === 0) !== (count === 0)) return "invalid";
  if (count === 0) return [];
  return orNull(() => {
    const bytes = memory.read(address, 4 * count);
    return Array.from({ length: count }, (_, i) => decodeField(i32, bytes, 4 * i));
  });
}
/** Above the flags that clone has. */
const HIGH = 2 ** 32;
const highFlags = { CLONE_CLEAR_SIGHAND: CLONE_CLEAR_SIGHAND / HIGH, CLONE_INTO_CGROUP: CLONE_INTO_CGROUP / HIGH };
/** As strace has it: what the flags do not ask for is left out. */
function requestText({ fields }: CloneRequest): string {
  const { flags, exit_signal: signal } = fields;
  const names = [formatFlags(cloneFlags, flags % HIGH, ""), formatFlags(highFlags, Math.floor(flags / HIGH), "")].filter(Boolean).join("|");
  const address = (name: "pidfd" | "child_tid" | "parent_tid" | "tls", asking: number) => (flags & asking ? [`${name}=${pointer.format(fields[name])}`] : []);
  const parts = [
    `flags=${names || "0"}`,
    ...address("pidfd", cloneFlags.CLONE_PIDFD),
    ...address("child_tid", cloneFlags.CLONE_CHILD_SETTID | cloneFlags.CLONE_CHILD_CLEARTID),
    ...address("parent_tid", cloneFlags.CLONE_PARENT_SETTID),
    `exit_signal=${signal === 0 ? "0" : signalName(signal)}`,
    `stack=${pointer.format(fields.stack)}`,
    `stack_size=${fields.stack_size === 0 ? "0" : `0x${fields.stack_size.toString(16)}`}`,
    ...address("tls", cloneFlags.CLONE_SETTLS),
  ];
  return `{${parts.join(", ")}}`;
}
/** clone3's structure; `null` where its size (the argument `size`) makes no sense, so that it is not read. */
export const CloneArguments: Arg<CloneRequest | null> = {
  label: "clone_args",
  decode(raw, memory, raws) {
    const size = uint64(raws.size!);
    if (size < CLONE_ARGS_SIZE_VER0 || size > PAGE) return null;
    const bytes = memory.read(uint64(raw), size);
    const known = CLONE_ARGS_SIZE_VER0 + laterArguments.size;
    const later = new Uint8Array(laterArguments.size);
    later.set(bytes.subarray(CLONE_ARGS_SIZE_VER0, Math.min(size, known)));
    const { set_tid, set_tid_size, cgroup } = decodeField(laterArguments, later);
    const tids = tidsAt(memory, set_tid, set_tid_size);
    return { fields: decodeField(cloneArguments, bytes), hasUnknown: bytes.subarray(known).some(byte => byte !== 0), tids, cgroup };
  },
  format(raw, view) {
    try {
      const request = CloneArguments.decode(raw, view.before, view.raws);
      if (request) return requestText(request);
    } catch {
      // Not readable: the address is what there is to show.
    }
    return `0x${uint64(raw).toString(16)}`;
  },
};
