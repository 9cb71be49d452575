// Arguments that lead into another task's memory (process_vm_readv(2)), and what is asked of pages (move_pages(2), mincore(2)).
import { Address, type Arg, MAX_COUNT, type Segment } from "../argument.ts";
import { PAGE_BYTES } from "../constants/address-space.ts";
import { decodeField, i32 } from "../field.ts";
import { type Bytes, type GuestReader, int32, joined, orNull, type Raw, uint64 } from "../memory-view.ts";

const IOV_MAX = 1024;
/** A vector that is read here, and leads elsewhere; `null`: too many, or more bytes than a call moves. */
export function segmentsAt(raw: Raw, memory: GuestReader, count: Raw): readonly Segment[] | null {
  const length = uint64(count);
  if (length > IOV_MAX) return null;
  const all = memory.read(uint64(raw), length * 16);
  const view = new DataView(all.buffer, all.byteOffset, all.length);
  const list = Array.from({ length }, (_, i) => ({ address: Number(view.getBigUint64(16 * i, true)), length: Number(view.getBigInt64(16 * i + 8, true)) }));
  return list.some(one => one.length < 0) ? null : list;
}
export interface Foreign {
  readonly segments: readonly Segment[];
  /** Reading: what could be had of them, up to where one could not. Writing: empty. */
  readonly bytes: Bytes;
  /** Writing: how many bytes from each segment's start on could be stored to. */
  readonly rooms: readonly number[];
}
const total = (segments: readonly Segment[]): number => segments.reduce((sum, one) => sum + one.length, 0);
/** The other side of process_vm_readv and process_vm_writev; `pid` names the argument that says whose memory, `local` and `localCount` those that say how much. */
export const foreignSegments = (access: "read" | "write", pid: string, local: string, localCount: string, count: string): Arg<Foreign | null> => ({
  label: `iovec[${count}]`,
  decode(raw, memory, raws) {
    const own = segmentsAt(raws[local]!, memory, raws[localCount]!);
    const segments = segmentsAt(raw, memory, raws[count]!);
    if (!own || !segments) return null;
    let left = Math.min(total(own), MAX_COUNT);
    const [parts, rooms]: [Bytes[], number[]] = [[], []];
    for (const { address, length } of segments) {
      const wanted = Math.min(left, length);
      if (wanted === 0) break;
      const got = access === "read" ? memory.readOf(int32(raws[pid]!), address, wanted) : memory.roomOf(int32(raws[pid]!), address, wanted);
      if (typeof got === "number") rooms.push(got);
      else parts.push(got);
      const done = typeof got === "number" ? got : got.length;
      left -= done;
      if (done < wanted) break;
    }
    return { segments, bytes: joined(parts), rooms };
  },
  format: (raw, view) => Address.format(raw, view),
});
/** A vector of ranges whose bytes the call does not read. */
export const inVector = (count: string): Arg<readonly Segment[] | null> => ({
  label: `in iovec[${count}]`,
  decode: (raw, memory, raws) => segmentsAt(raw, memory, raws[count]!),
  format: (raw, view) => Address.format(raw, view),
});

/** The addresses that move_pages asks about, and whether their pages have been touched, one byte for each. */
export interface AskedPages {
  readonly addresses: readonly number[];
  readonly touched: Bytes;
}
export const askedPages = (pid: string, count: string): Arg<AskedPages> => ({
  label: `addresses[${count}]`,
  decode(raw, memory, raws) {
    const length = uint64(raws[count]!);
    const all = memory.read(uint64(raw), length * 8);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    const addresses = Array.from({ length }, (_, i) => Number(view.getBigUint64(8 * i, true)));
    const touched = addresses.map(address => memory.touched(int32(raws[pid]!), address, 1)[0] ?? 0);
    return { addresses, touched: Uint8Array.from(touched) };
  },
  format: (raw, view) => Address.format(raw, view),
});
/** As many numbers as another argument says; NULL gives `null`. */
export const optionalNumbers = (count: string): Arg<readonly number[] | null> => ({
  label: `in array[${count}]`,
  decode(raw, memory, raws) {
    if (uint64(raw) === 0) return null;
    const all = memory.read(uint64(raw), uint64(raws[count]!) * 4);
    return Array.from({ length: all.length / 4 }, (_, i) => decodeField(i32, all, 4 * i));
  },
  format: (raw, view) => Address.format(raw, view),
});
const pagesIn = (length: number): number => Math.min(Math.ceil(length / PAGE_BYTES), 0x1000_0000);
/** mincore's answer, a byte for each page of `length` bytes from `address` on; the reducer is given which of them have been touched. */
export const residency = (address: string, length: string): Arg<Bytes, Bytes> => ({
  label: `residency of bytes[${length}]`,
  decode: (_, memory, raws) => memory.touched(0, uint64(raws[address]!), pagesIn(uint64(raws[length]!))),
  encode: (out, raw) => (out && out.length > 0 ? [{ address: uint64(raw), bytes: out }] : []),
  extent: (_, raws) => pagesIn(uint64(raws[length]!)),
  format(raw, view) {
    const stored = view.value === 0 ? view.after(uint64(raw), pagesIn(uint64(view.raws[length]!))) : undefined;
    return stored ? `[${[...stored].join(", ")}]` : Address.format(raw, view);
  },
});

/** vmsplice's vector: bytes that go into a pipe, or places for what comes out of one; which it is, the pipe's end says. */
export interface SplicedSegments {
  readonly segments: readonly Segment[];
  readonly length: number;
  /** `null`: some of them cannot be read. */
  readonly bytes: Bytes | null;
}
export const splicedSegments = (count: string): Arg<SplicedSegments | null, { readonly segments: readonly Segment[]; readonly bytes: Bytes } | undefined> => ({
  label: `iovec[${count}]`,
  decode(raw, memory, raws) {
    const segments = segmentsAt(raw, memory, raws[count]!);
    if (!segments || total(segments) > MAX_COUNT) return null;
    const bytes = orNull(() => joined(segments.filter(one => one.length > 0).map(one => memory.read(one.address, one.length))));
    return { segments, length: total(segments), bytes };
  },
  places: value => value?.segments.filter(one => one.length > 0) ?? [],
  encode(out) {
    if (!out) return [];
    let at = 0;
    return out.segments.flatMap(({ address, length }) => {
      const part = out.bytes.subarray(at, at + length);
      at += part.length;
      return part.length > 0 ? [{ address, bytes: part }] : [];
    });
  },
  format: (raw, view) => Address.format(raw, view),
});
