// How one argument register becomes a value for a reducer, how a reducer's answer becomes bytes for the guest, and how both read in a trace.
import { decodeField, encodeField, type Field } from "./field.ts";
import { type Bytes, bigOf, Fault, type GuestReader, int32, int64, joined, type Raw, type Store, uint32, uint64 } from "./memory-view.ts";

/** All argument registers of a call, by argument name. */
export type Raws = Readonly<Record<string, Raw>>;

/** A call as a trace shows it: its registers, the bytes it read and stored, and its return value (undefined while it has not returned). */
export interface CallView {
  readonly raws: Raws;
  /** Guest memory as the call read it. */
  readonly before: GuestReader;
  /** Guest memory as the call stored it; `undefined` where it stored nothing. */
  after(address: number, length: number): Bytes | undefined;
  readonly value: number | undefined;
  /** The errno's name where the call failed. */
  readonly errno: string | undefined;
  /** Most bytes of a string that are shown; strace's 32 without it. */
  readonly stringLimit?: number;
}

/**
 * `In` is what a reducer is given; `Out`, where there is one, what it must answer besides the return value.
 * Decoding reads guest memory in an order that depends on the registers alone, so that the recorded reads decode again to the same values.
 */
export interface Arg<In, Out = never> {
  readonly label: string;
  /** Numbers that have a name here: what an argument of a set or an enumeration is likely to be made of. */
  readonly values?: readonly number[];
  decode(raw: Raw, memory: GuestReader, raws: Raws): In;
  /** Only out-arguments. `undefined` from the reducer stores nothing. */
  encode?(out: Out | undefined, raw: Raw, raws: Raws): readonly Store[];
  /** For an out-argument of known size: how many bytes must be writable from the pointer on; 0 where it is NULL. */
  extent?(raw: Raw, raws: Raws): number;
  /** Where it may store, for an out-argument whose places follow from what was read. */
  places?(value: In, raws: Raws): readonly Segment[];
  /** The text in a trace; empty where the call has no such argument: open's mode without O_CREAT. */
  format(raw: Raw, view: CallView): string;
  /** Whether it is shown only when the call has returned; without it out-arguments are, others not. */
  readonly isLate?: boolean;
  /** The call's return value, where it reads otherwise than as its row says: fcntl's flags. */
  returned?(raw: Raw, view: CallView): string | undefined;
  /** What strace adds in parentheses after the return value: poll's ready descriptors. */
  remark?(raw: Raw, view: CallView): string | undefined;
}

const scalar = (label: string, decode: (raw: Raw) => number, format: (value: number) => string = String): Arg<number> => ({
  label,
  decode,
  format: raw => format(decode(raw)),
});
const hex = (value: number): string => (value === 0 ? "NULL" : `0x${value.toString(16)}`);
const wideHex = (raw: Raw): string => (bigOf(raw) === 0n ? "NULL" : `0x${bigOf(raw).toString(16)}`);
/** As printf's `%#03o`. */
export const octal = (value: number): string => (value === 0 ? "0" : `0${value.toString(8)}`).padStart(3, "0");

export const Int = scalar("int", int32);
export const Uint = scalar("unsigned", uint32);
export const Long = scalar("long", int64);
export const Fd = scalar("fd", int32);
export const DirFd = scalar("dirfd", int32, fd => (fd === -100 ? "AT_FDCWD" : String(fd)));
export const Pid = scalar("pid", int32);
export const Id = scalar("id", uint32, id => (id === 0xffff_ffff ? "-1" : String(id)));
export const Mode = scalar("mode", raw => uint32(raw) & 0o177777, octal);
export const Size: Arg<number> = { label: "size", decode: uint64, format: raw => bigOf(raw).toString() };
export const Offset: Arg<number> = { label: "offset", decode: int64, format: String };
/** An address that the call itself does not read or write. */
export const Address: Arg<number> = { label: "address", decode: uint64, format: wideHex };
/** umask's: what it returns is a mode, too. */
export const Umask: Arg<number> = { ...Mode, returned: (_, { value }) => (value === undefined ? undefined : octal(value)) };
/** A number with a name, as `SEEK_SET`; others are shown in hexadecimal with a comment, as strace does. */
export const oneOf = (names: Readonly<Record<string, number>>, unknown = "???"): Arg<number> => ({
  ...scalar("enum", int32, value => Object.entries(names).find(([, n]) => n === value)?.[0] ?? `${hex(value >>> 0)} /* ${unknown} */`),
  values: Object.values(names),
});
/** A set of named bits. `zero` is the name shown for an empty set. */
export const flags = (names: Readonly<Record<string, number>>, zero = "0"): Arg<number> => ({
  ...scalar("flags", int32, value => formatFlags(names, value, zero)),
  values: Object.values(names),
});

export function formatFlags(names: Readonly<Record<string, number>>, value: number, zero = "0"): string {
  let rest = value;
  const words: string[] = [];
  for (const [name, bit] of Object.entries(names)) {
    if (bit !== 0 && (rest & bit) >>> 0 === bit >>> 0) {
      words.push(name);
      rest &= ~bit;
    }
  }
  if (rest !== 0) words.push(`0x${(rest >>> 0).toString(16)}`);
  return words.join("|") || zero;
}

const PATH_MAX = 4096;
const SHOWN_BYTES = 32;
/** strace's string: C escapes, cut after `limit` bytes with `...`. */
export function quoted(value: Bytes, limit: number = SHOWN_BYTES): string {
  const escapes: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\" };
  let text = "";
  for (let i = 0; i < Math.min(limit, value.length); i++) {
    const byte = value[i]!;
    const next = value[i + 1];
    const isDigitNext = i + 1 < Math.min(limit, value.length) && next !== undefined && next >= 48 && next <= 55;
    text += escapes[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : `\\${byte.toString(8).padStart(isDigitNext ? 3 : 1, "0")}`);
  }
  return `"${text}"${value.length > limit ? "..." : ""}`;
}
/** `show`, unless memory could not be read: then the address, as strace does. */
const orAddress = (raw: Raw, show: () => string): string => {
  if (uint64(raw) === 0) return "NULL";
  try {
    return show();
  } catch (error) {
    if (error instanceof Fault) return wideHex(raw);
    throw error;
  }
};

/** A path: bytes, since Linux's names are bytes. Longer than PATH_MAX it is `null` (ENAMETOOLONG). */
export const Path: Arg<Bytes | null> = {
  label: "path",
  decode(raw, memory) {
    const path = memory.readString(uint64(raw), PATH_MAX);
    return path.length < PATH_MAX ? path : null;
  },
  format: (raw, view) => orAddress(raw, () => quoted(view.before.readString(uint64(raw), PATH_MAX), PATH_MAX)),
};
/** A NUL-terminated string of at most `limit` bytes. */
export const text = (limit: number): Arg<Bytes> => ({
  label: "string",
  decode: (raw, memory) => memory.readString(uint64(raw), limit),
  format: (raw, view) => orAddress(raw, () => quoted(view.before.readString(uint64(raw), limit), view.stringLimit)),
});
/** More pointers than a quarter of the largest stack holds: E2BIG, whatever the strings are. */
const MAX_STRINGS = 0xc_0000;
/** argv and envp: a NULL-terminated vector of strings; NULL itself is an empty one. */
export const Strings: Arg<readonly Bytes[]> = {
  label: "strings",
  decode(raw, memory) {
    const list: Bytes[] = [];
    const at = uint64(raw);
    for (let i = 0; at !== 0 && i < MAX_STRINGS; i++) {
      const [low, high] = new Uint32Array(memory.read(at + 8 * i, 8).slice().buffer);
      const address = low! + high! * 0x1_0000_0000;
      if (address === 0) break;
      list.push(memory.readString(address, 0x2_0000));
    }
    return list;
  },
  format: (raw, view) =>
    orAddress(
      raw,
      () =>
        `[${Strings.decode(raw, view.before, view.raws)
          .map(one => quoted(one, view.stringLimit))
          .join(", ")}]`,
    ),
};
/** envp: in a trace only its address and how many strings there are. */
export const Environment: Arg<readonly Bytes[]> = {
  ...Strings,
  format: (raw, view) =>
    orAddress(raw, () => {
      const { length } = Strings.decode(raw, view.before, view.raws);
      return `${wideHex(raw)} /* ${length} var${length === 1 ? "" : "s"} */`;
    }),
};

/** Most bytes one read or write moves (MAX_RW_COUNT, read(2)). */
export const MAX_COUNT = 0x7fff_f000;
/**
 * Most bytes of guest memory that one call takes. More is a short write, as Linux's own is beyond MAX_RW_COUNT: areas that nobody touched take no memory of the guest's, and would else take
 * gigabytes of the host's and of the log.
 */
export const MOST_TAKEN = 2 ** 26;
const countOf = (raws: Raws, name: string): number => Math.min(uint64(raws[name]!), MAX_COUNT);

/** A buffer that the call reads; `length` names the argument that measures it. */
export const inBytes = (length: string): Arg<Bytes> => ({
  label: `in bytes[${length}]`,
  decode: (raw, memory, raws) => memory.read(uint64(raw), Math.min(countOf(raws, length), MOST_TAKEN)),
  format: (raw, view) => orAddress(raw, () => quoted(view.before.read(uint64(raw), Math.min(countOf(view.raws, length), MOST_TAKEN)), view.stringLimit)),
});
/** A buffer that the call fills, at most `length` bytes; the reducer is given the pointer and answers the bytes. */
export const outBytes = (length: string): Arg<number, Bytes> => ({
  label: `out bytes[${length}]`,
  decode: uint64,
  encode: (out, raw) => (out !== undefined && out.length > 0 ? [{ address: uint64(raw), bytes: out }] : []),
  extent: (_, raws) => countOf(raws, length),
  format(raw, view) {
    const stored = view.value !== undefined && view.value >= 0 ? view.after(uint64(raw), view.value) : undefined;
    return stored ? quoted(stored, view.stringLimit) : view.value === 0 ? '""' : wideHex(raw);
  },
});

/** A number behind a pointer stands in brackets. */
const pointedTo = (text: string): string => (/^-?\d|^0x/.test(text) ? `[${text}]` : text);
/** A structure that the call reads; NULL gives `null`. */
export const inStruct = <T>(field: Field<T>): Arg<T | null> => ({
  label: "in struct",
  decode: (raw, memory) => (uint64(raw) === 0 ? null : decodeField(field, memory.read(uint64(raw), field.size))),
  format: (raw, view) => orAddress(raw, () => pointedTo(field.format(decodeField(field, view.before.read(uint64(raw), field.size))))),
});
/** A structure that the call fills; the reducer is given the pointer, which may be NULL: then what it answers is dropped. */
export const outStruct = <T>(field: Field<T>): Arg<number, T | undefined> => ({
  label: "out struct",
  decode: uint64,
  encode: (out, raw) => (out === undefined || uint64(raw) === 0 ? [] : [{ address: uint64(raw), bytes: encodeField(field, out) }]),
  extent: raw => (uint64(raw) === 0 ? 0 : field.size),
  format(raw, view) {
    const stored = uint64(raw) === 0 ? undefined : view.after(uint64(raw), field.size);
    return stored ? pointedTo(field.format(decodeField(field, stored))) : wideHex(raw);
  },
});
/** A structure that the call fills, through a pointer that must not be NULL. */
export const outValue = <T>(field: Field<T>): Arg<number, T> => ({
  label: "out value",
  decode: uint64,
  encode: (out, raw) => (out === undefined ? [] : [{ address: uint64(raw), bytes: encodeField(field, out) }]),
  extent: () => field.size,
  format: outStruct(field).format,
});
/** As outBytes, for text that ends with a NUL. */
export const outText = (length: string): Arg<number, Bytes> => {
  const bytes = outBytes(length);
  return {
    ...bytes,
    format(raw, view) {
      const stored = view.value !== undefined && view.value > 0 ? view.after(uint64(raw), view.value) : undefined;
      return stored ? quoted(stored.subarray(0, stored.indexOf(0)), PATH_MAX) : wideHex(raw);
    },
  };
};
/** As outBytes, for bytes that are no text. */
export const outRandom = (length: string): Arg<number, Bytes> => {
  const bytes = outBytes(length);
  return {
    ...bytes,
    format(raw, view) {
      const stored = view.value !== undefined && view.value > 0 ? view.after(uint64(raw), view.value) : undefined;
      if (!stored) return bytes.format(raw, view);
      const limit = view.stringLimit ?? SHOWN_BYTES;
      const text = [...stored.subarray(0, limit)].map(byte => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
      return `"${text}"${stored.length > limit ? "..." : ""}`;
    },
  };
};
/** A structure that the call reads and then fills. */
export const inOutStruct = <T>(field: Field<T>): Arg<T | null, T | undefined> => {
  const [input, output] = [inStruct(field), outStruct(field)];
  return {
    label: "in-out struct",
    decode: input.decode,
    encode: output.encode!,
    extent: output.extent!,
    format: (raw, view) => (view.after(uint64(raw), field.size) ? `${input.format(raw, view)} => ${output.format(raw, view)}` : input.format(raw, view)),
  };
};
/** `count` structures that the call reads. `limit` is the most there may be; above it the reducer is given `null`. */
export const inArray = <T>(field: Field<T>, count: string, limit: number): Arg<readonly T[] | null> => ({
  label: `in array[${count}]`,
  decode(raw, memory, raws) {
    const length = uint64(raws[count]!);
    if (length > limit) return null;
    const all = memory.read(uint64(raw), length * field.size);
    return Array.from({ length }, (_, i) => decodeField(field, all, i * field.size));
  },
  format(raw, view) {
    return orAddress(raw, () => `[${(this.decode(raw, view.before, view.raws) ?? []).map(field.format).join(", ")}]`);
  },
});
/** At most `count` structures that the call fills. */
export const outArray = <T>(field: Field<T>, count: string): Arg<number, readonly T[] | undefined> => ({
  label: `out array[${count}]`,
  decode: uint64,
  encode(out, raw) {
    if (!out || out.length === 0) return [];
    const all = new Uint8Array(out.length * field.size);
    out.forEach((value, i) => {
      all.set(encodeField(field, value), i * field.size);
    });
    return [{ address: uint64(raw), bytes: all }];
  },
  extent: (_, raws) => countOf(raws, count) * field.size,
  format(raw, view) {
    const length = Math.max(0, view.value ?? 0);
    const stored = length > 0 ? view.after(uint64(raw), length * field.size) : undefined;
    return stored ? `[${Array.from({ length }, (_, i) => field.format(decodeField(field, stored, i * field.size))).join(", ")}]` : wideHex(raw);
  },
});

/** Scattered buffers (struct iovec). */
export interface Segment {
  readonly address: number;
  readonly length: number;
}
const IOV_MAX = 1024;
function segments(raw: Raw, memory: GuestReader, count: Raw): readonly Segment[] | null {
  const length = uint64(count);
  if (length > IOV_MAX) return null;
  const words = new Uint32Array(memory.read(uint64(raw), length * 16).slice().buffer);
  return Array.from({ length }, (_, i) => ({
    address: words[4 * i]! + words[4 * i + 1]! * 0x1_0000_0000,
    length: words[4 * i + 2]! + words[4 * i + 3]! * 0x1_0000_0000,
  }));
}
/** What lies in the segments, one after another, as much as a call takes. */
export function gathered(list: readonly Segment[], memory: GuestReader): Bytes {
  let left = MOST_TAKEN;
  const parts: Bytes[] = [];
  for (const { address, length } of list) {
    const taken = Math.min(length, left);
    left -= taken;
    if (taken > 0) parts.push(memory.read(address, taken));
  }
  return parts.length === 1 ? parts[0]! : joined(parts);
}
/** writev's argument: the segments' bytes, one after another; `null` where there are too many segments or bytes (EINVAL). */
export const inSegments = (count: string): Arg<Bytes | null> => ({
  label: `in iovec[${count}]`,
  decode(raw, memory, raws) {
    const list = segments(raw, memory, raws[count]!);
    if (!list || list.reduce((sum, one) => sum + one.length, 0) > MAX_COUNT) return null;
    return gathered(list, memory);
  },
  format: (raw, view) =>
    orAddress(raw, () => {
      const list = segments(raw, view.before, view.raws[count]!);
      return list
        ? `[${list.map(one => `{iov_base=${quoted(one.length === 0 ? new Uint8Array(0) : view.before.read(one.address, one.length), view.stringLimit)}, iov_len=${one.length}}`).join(", ")}]`
        : wideHex(raw);
    }),
});
/** readv's argument: how many bytes fit; the reducer answers the bytes, and they are spread over the segments. */
export interface Space {
  readonly length: number;
  readonly segments: readonly Segment[];
}
export const outSegments = (count: string): Arg<Space | null, { readonly space: Space; readonly bytes: Bytes } | undefined> => ({
  label: `out iovec[${count}]`,
  decode(raw, memory, raws) {
    const list = segments(raw, memory, raws[count]!);
    const length = list?.reduce((sum, one) => sum + one.length, 0) ?? 0;
    return list && length <= MAX_COUNT ? { length, segments: list } : null;
  },
  places: space => space?.segments.filter(one => one.length > 0) ?? [],
  encode(out) {
    if (!out) return [];
    let at = 0;
    return out.space.segments.flatMap(one => {
      const part = out.bytes.subarray(at, at + one.length);
      at += part.length;
      return part.length > 0 ? [{ address: one.address, bytes: part }] : [];
    });
  },
  format: (raw, view) =>
    orAddress(raw, () => {
      const list = segments(raw, view.before, view.raws[count]!);
      if (!list || view.value === undefined) return wideHex(raw);
      let left = Math.max(0, view.value);
      const shown = list.map(one => {
        const length = Math.min(left, one.length);
        left -= length;
        const stored = length === 0 ? new Uint8Array(0) : view.after(one.address, length);
        return `{iov_base=${stored ? quoted(stored, view.stringLimit) : hex(one.address)}, iov_len=${one.length}}`;
      });
      return `[${shown.join(", ")}]`;
    }),
});

/** What one command of a multiplexed call (ioctl, fcntl, prctl, futex…) does with its argument. */
export interface Variant<In = any, Out = any> {
  readonly code: number;
  readonly arg: Arg<In, Out>;
}
/** An argument whose type depends on the command in `selector`; the reducer finds the command's own handler and passes the value on. */
export function variant(selector: string, variants: Readonly<Record<string, Variant>>, otherwise: Arg<number> = Address): Arg<unknown, unknown> {
  const byCode = new Map(Object.values(variants).map(one => [one.code >>> 0, one.arg]));
  const chosen = (raws: Raws): Arg<any, any> => byCode.get(uint32(raws[selector]!)) ?? otherwise;
  return {
    label: `by ${selector}`,
    decode: (raw, memory, raws) => chosen(raws).decode(raw, memory, raws),
    encode: (out, raw, raws) => chosen(raws).encode?.(out, raw, raws) ?? [],
    extent: (raw, raws) => chosen(raws).extent?.(raw, raws) ?? 0,
    places: (value, raws) => chosen(raws).places?.(value, raws) ?? [],
    returned: (raw, view) => chosen(view.raws).returned?.(raw, view),
    remark: (raw, view) => chosen(view.raws).remark?.(raw, view),
    format: (raw, view) => chosen(view.raws).format(raw, view),
  };
}
export const None: Arg<null> = { label: "none", decode: () => null, format: () => "" };
