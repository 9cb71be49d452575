// Contexts of asynchronous requests (io_setup(2), fs/aio.c). They belong to an address space, and their rings lie in it.
import type { Draft } from "immer";
import type { AioContextHead } from "../../abi/arguments/aio-requests.ts";
import { pageCeil } from "../../abi/constants/address-space.ts";
import { protections } from "../../abi/constants/mmap.ts";
import { encodeField, u32 } from "../../abi/field.ts";
import { aioRing, ioEvent, RING } from "../../abi/structs/aio.ts";
import type { Kernel } from "../kernel.ts";
import type { AioContext, AioEvent, Area } from "../state/vmm.ts";
import { highestGap } from "./areas.ts";
import { areasOf, createObject, mapArea, spaceOf, unmapRange } from "./spaces.ts";
import { wake } from "./waiting.ts";

export const aioChannel = (space: number, id: number): string => `aio:${space}:${id}`;
const { PROT_READ, PROT_WRITE } = protections;
const BOTH = PROT_READ | PROT_WRITE;
/** The kernel keeps slots in reserve for each processor, and two of the ring stay empty. */
const LEAST_SLOTS = 4;
const SPARE = 2;

/** `isFresh`: the ring has just been read, not when a call that waited was made. */
export function contextOf(kernel: Kernel, space: number, { id, head }: AioContextHead, isFresh: boolean): Draft<AioContext> | null {
  const context = spaceOf(kernel, space).aio?.find(one => one.id === id);
  if (!context) return null;
  if (head !== null && isFresh) takeRead(context, head);
  return context;
}
/** The program may have read events from the ring itself. */
function takeRead(context: Draft<AioContext>, head: number): void {
  const read = (((head % context.slots) - context.head + context.slots) % context.slots) | 0;
  const count = Math.min(read, context.events.length);
  if (count === 0) return;
  context.events = context.events.slice(count);
  context.head = (context.head + count) % context.slots;
}
/** Makes a ring for so many requests; `null`: no room in memory. */
export function createContext(kernel: Kernel, spaceId: number, capacity: number): number | null {
  const space = spaceOf(kernel, spaceId);
  const slotsWanted = Math.max(capacity, LEAST_SLOTS) * 2 + SPARE;
  const length = pageCeil(aioRing.size + slotsWanted * ioEvent.size);
  const start = highestGap(areasOf(space), length, space.fullFrom);
  if (start === undefined) return null;
  const backing: Area["backing"] = { kind: "object", object: createObject(kernel), firstPage: 0 };
  mapArea(kernel, spaceId, { start, end: start + length, protection: BOTH, maxProtection: BOTH, isShared: true, growsDown: false, isLocked: false, backing });
  const slots = Math.floor((length - aioRing.size) / ioEvent.size);
  const head = { id: 0, nr: slots, head: 0, tail: 0, magic: RING.magic, compat_features: RING.compatible, incompat_features: 0, header_length: aioRing.size };
  kernel.effect({ kind: "write", space: spaceId, store: { address: start, bytes: encodeField(aioRing, head) } });
  const context: AioContext = { id: start, length, slots, capacity: Math.max(capacity, LEAST_SLOTS) * 2, head: 0, events: [] };
  space.aio = [...(space.aio ?? []), context as Draft<AioContext>];
  return start;
}
export function destroyContext(kernel: Kernel, spaceId: number, context: Draft<AioContext>): void {
  const space = spaceOf(kernel, spaceId);
  const { id, length } = context;
  space.aio = (space.aio ?? []).filter(one => one.id !== id);
  unmapRange(kernel, spaceId, id, id + length);
  wake(kernel, aioChannel(spaceId, id));
}
/** A request has ended: its event lies in the ring, and whoever waits looks. */
export function complete(kernel: Kernel, spaceId: number, context: Draft<AioContext>, event: AioEvent): void {
  const tail = (context.head + context.events.length) % context.slots;
  context.events = [...context.events, event] as typeof context.events;
  const store = (address: number, bytes: Uint8Array): void => kernel.effect({ kind: "write", space: spaceId, store: { address, bytes } });
  store(context.id + aioRing.size + tail * ioEvent.size, encodeField(ioEvent, { ...event, res2: 0 }) as Uint8Array);
  store(context.id + RING.tailAt, encodeField(u32, (tail + 1) % context.slots) as Uint8Array);
  wake(kernel, aioChannel(spaceId, context.id));
}
/** The first events, taken out. */
export function takeEvents(kernel: Kernel, spaceId: number, context: Draft<AioContext>, count: number): readonly AioEvent[] {
  const taken = context.events.slice(0, count).map(({ data, obj, res }) => ({ data, obj, res }));
  if (taken.length === 0) return taken;
  context.events = context.events.slice(taken.length);
  context.head = (context.head + taken.length) % context.slots;
  kernel.effect({ kind: "write", space: spaceId, store: { address: context.id + RING.headAt, bytes: encodeField(u32, context.head) } });
  return taken;
}
/** /proc/sys/fs/aio-max-nr. */
export const MOST_REQUESTS = 65_536;
export const requestsInUse = (kernel: Kernel): number =>
  [...kernel.vmm.spaces.values()].reduce((sum, space) => sum + (space.aio ?? []).reduce((own, { capacity }) => own + capacity / 2, 0), 0);
