// The futexes that a thread holds as it ends, by the list that it keeps in its own memory (get_robust_list(2), kernel/futex/core.c, exit_robust_list). Reads guest memory only.
import type { HeldWord } from "../events/kernel-event.ts";
import type { GuestMemory } from "./memory/guest-memory.ts";

/** ROBUST_LIST_LIMIT: a list may be a circle. */
const MOST = 2048;
/** The lowest bit of an entry says that the futex inherits priorities. */
const INHERITING = 1n;

export function heldWords(memory: Pick<GuestMemory, "read">, space: number, head: number): readonly HeldWord[] {
  const word64 = (address: number): bigint | undefined => {
    const bytes = memory.read(space, address, 8);
    return bytes && new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  };
  const [first, offset, pending] = [word64(head), word64(head + 8), word64(head + 16)];
  if (first === undefined || offset === undefined || pending === undefined) return [];
  const found: HeldWord[] = [];
  const add = (entry: bigint, isPending: boolean): void => {
    const address = Number((entry & ~INHERITING) + BigInt.asIntN(64, offset));
    const bytes = address % 4 === 0 ? memory.read(space, address, 4) : undefined;
    if (!bytes) return;
    found.push({ address, value: new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true), isInheriting: (entry & INHERITING) !== 0n, isPending });
  };
  let entry = first;
  for (let i = 0; i < MOST && (entry & ~INHERITING) !== BigInt(head); i++) {
    if (entry !== pending) add(entry, false);
    const next = word64(Number(entry & ~INHERITING));
    if (next === undefined) break;
    entry = next;
  }
  if (pending !== 0n) add(pending, true);
  return found;
}
