// struct pollfd, and the arrays of it that poll(2) reads and fills.
import { type Arg, formatFlags } from "../argument.ts";
import { pollEvents } from "../constants/poll-events.ts";
import { decodeField, i16, i32, shown, struct } from "../field.ts";
import { uint32, uint64 } from "../memory-view.ts";

const events = shown(i16, value => formatFlags(pollEvents, value));
export const pollfd = struct({ fd: i32, events, revents: events });
export interface PollEntry {
  readonly fd: number;
  readonly events: number;
}
/** Above what any table of descriptors may hold, the call fails unread. */
const MOST_ENTRIES = 1_048_576;
const REVENTS_AT = 6;

/** What is asked for each descriptor; the answer is `revents` for each, in order. `null`: too many (EINVAL). */
export const pollArray = (count: string): Arg<readonly PollEntry[] | null, readonly number[] | undefined> => ({
  label: `pollfd[${count}]`,
  decode(raw, memory, raws) {
    const length = uint32(raws[count]!);
    if (length > MOST_ENTRIES) return null;
    const all = memory.read(uint64(raw), length * pollfd.size);
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    return Array.from({ length }, (_, i) => ({ fd: view.getInt32(i * 8, true), events: view.getUint16(i * 8 + 4, true) }));
  },
  encode(out, raw) {
    return (out ?? []).map((revents, i) => ({ address: uint64(raw) + i * pollfd.size + REVENTS_AT, bytes: Uint8Array.of(revents & 0xff, revents >> 8) }));
  },
  extent: (_, raws) => Math.min(uint32(raws[count]!), MOST_ENTRIES) * pollfd.size,
  isLate: false,
  remark(raw, { before, after, raws, value }) {
    if (value === undefined) return undefined;
    if (value === 0) return "Timeout";
    const all = before.read(uint64(raw), uint32(raws[count]!) * pollfd.size);
    const ready = Array.from({ length: all.length / pollfd.size }, (_, i) => {
      const answered = after(uint64(raw) + i * pollfd.size + REVENTS_AT, 2);
      const revents = answered ? answered[0]! | (answered[1]! << 8) : 0;
      return revents === 0 ? "" : `{fd=${decodeField(pollfd, all, i * pollfd.size).fd}, revents=${formatFlags(pollEvents, revents)}}`;
    });
    return `[${ready.filter(Boolean).join(", ")}]`;
  },
  format(raw, { before, raws }) {
    const length = uint32(raws[count]!);
    if (length > MOST_ENTRIES) return `0x${uint64(raw).toString(16)}`;
    const all = before.read(uint64(raw), length * pollfd.size);
    const shownOf = (i: number): string => {
      const { fd, events: wanted } = decodeField(pollfd, all, i * pollfd.size);
      return `{fd=${fd}, events=${formatFlags(pollEvents, wanted)}}`;
    };
    return `[${Array.from({ length }, (_, i) => shownOf(i)).join(", ")}]`;
  },
});
