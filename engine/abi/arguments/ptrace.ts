// The third and fourth argument of ptrace(2): what they mean depends on the request, and so does what must be read of the tracee.
import { Address, type Arg, formatFlags, inBytes, outValue, type Raws, type Variant, variant } from "../argument.ts";
import { ptraceOptions, ptraceRequests } from "../constants/ptrace.ts";
import { formatSet, signalName } from "../constants/signals.ts";
import { bits64, bytes, decodeField, shown, u64 } from "../field.ts";
import { type Bytes, bigOf, int32, type Raw, type Store, uint32, uint64 } from "../memory-view.ts";
import { noteTypes } from "../structs/core-notes.ts";
import {
  callInfoSizes,
  FLOAT_REGISTERS_BYTES,
  peekSignalsArguments,
  rseqConfiguration,
  SIGNAL_INFO_BYTES,
  USER_REGISTERS,
  USER_REGISTERS_BYTES,
  WORD_BYTES,
} from "../structs/ptrace.ts";
import { siginfo } from "../structs/siginfo.ts";

const P = ptraceRequests;
/** What the request needs of the tracee; empty and 0 where it needs none of it. */
export interface TracedPlace {
  readonly address: number;
  readonly word: bigint;
  /** Of its memory, from the address on. */
  readonly bytes: Bytes;
  readonly room: number;
  /** struct user_regs_struct, and what XSAVE or FXSAVE would store. */
  readonly general: Bytes;
  readonly vectors: Bytes;
}
const EMPTY = new Uint8Array(0);
const PEEKS: readonly number[] = [P.PTRACE_PEEKTEXT, P.PTRACE_PEEKDATA];
const POKES: readonly number[] = [P.PTRACE_POKETEXT, P.PTRACE_POKEDATA];
const SETS: readonly number[] = [P.PTRACE_GETREGSET, P.PTRACE_SETREGSET];
const OF_GENERAL: readonly number[] = [P.PTRACE_PEEKUSER, P.PTRACE_POKEUSER, P.PTRACE_GETREGS, P.PTRACE_SETREGS, P.PTRACE_GET_SYSCALL_INFO];
const OF_VECTORS: readonly number[] = [P.PTRACE_GETFPREGS, P.PTRACE_SETFPREGS];

export const TracedPlaceArgument: Arg<TracedPlace> = {
  label: "address in the tracee",
  decode(raw, memory, raws) {
    const [request, pid, address] = [uint32(raws.request!), int32(raws.pid!), uint64(raw)];
    const isSet = SETS.includes(request);
    const needsGeneral = OF_GENERAL.includes(request) || (isSet && address === noteTypes.NT_PRSTATUS);
    const needsVectors = OF_VECTORS.includes(request) || (isSet && address !== noteTypes.NT_PRSTATUS);
    return {
      address,
      word: bigOf(raw),
      bytes: PEEKS.includes(request) ? memory.forcedOf(pid, address, WORD_BYTES) : EMPTY,
      room: POKES.includes(request) ? memory.forcedRoomOf(pid, address, WORD_BYTES) : 0,
      general: needsGeneral ? memory.registersOf(pid, "general") : EMPTY,
      vectors: needsVectors ? memory.registersOf(pid, "vectors") : EMPTY,
    };
  },
  format(raw, view) {
    const request = uint32(view.raws.request!);
    if (WITHOUT_PLACE.includes(request)) return "";
    if (OF_USER.includes(request)) return userText(uint64(raw));
    return SIZED.includes(request) ? String(uint64(raw)) : Address.format(raw, view);
  },
};
const WITHOUT_PLACE: readonly number[] = [P.PTRACE_TRACEME, P.PTRACE_KILL, P.PTRACE_INTERRUPT, P.PTRACE_LISTEN];
const OF_USER: readonly number[] = [P.PTRACE_PEEKUSER, P.PTRACE_POKEUSER];
const SIZED: readonly number[] = [P.PTRACE_GET_SYSCALL_INFO, P.PTRACE_GET_RSEQ_CONFIGURATION, P.PTRACE_GETSIGMASK, P.PTRACE_SETSIGMASK];
/** `8*ORIG_RAX`: a register's place in struct user. */
const userText = (address: number): string => {
  const name = USER_REGISTERS[address / WORD_BYTES];
  return name ? `${WORD_BYTES}*${name.toUpperCase()}` : `0x${address.toString(16)}`;
};

/** The struct iovec of PTRACE_GETREGSET: where the registers go, and how many bytes fit. Its length is stored as how many there were. */
export interface RegisterSpace {
  readonly address: number;
  readonly length: number;
}
export interface RegisterSetOut {
  readonly space: RegisterSpace;
  readonly bytes: Bytes;
}
const LENGTH_AT = 8;
const iovecAt = (memory: { read(address: number, length: number): Bytes }, raw: Raw): RegisterSpace => {
  const iovec = memory.read(uint64(raw), 16);
  const view = new DataView(iovec.buffer, iovec.byteOffset, 16);
  return { address: Number(view.getBigUint64(0, true)), length: Number(view.getBigUint64(LENGTH_AT, true)) };
};
function storedLength(raw: Raw, length: number): Store {
  const bytes = new Uint8Array(WORD_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  return { address: uint64(raw) + LENGTH_AT, bytes };
}
/** An XSAVE area: no set of registers is longer. */
const MOST_SET_BYTES = 832;
const sizeOfSet = (type: number): number =>
  type === noteTypes.NT_PRSTATUS ? USER_REGISTERS_BYTES : type === noteTypes.NT_FPREGSET ? FLOAT_REGISTERS_BYTES : MOST_SET_BYTES;
const outRegisterSet: Arg<RegisterSpace, RegisterSetOut | undefined> = {
  label: "out register set",
  decode: (raw, memory) => iovecAt(memory, raw),
  places: ({ address, length }, raws) => [{ address, length: Math.min(length, sizeOfSet(uint64(raws.addr!))) }],
  encode: (out, raw) => (out ? [{ address: out.space.address, bytes: out.bytes }, storedLength(raw, out.bytes.length)] : []),
  format: (raw, view) => Address.format(raw, view),
};
const inRegisterSet: Arg<{ readonly length: number; readonly bytes: Bytes }, number | undefined> = {
  label: "in register set",
  decode(raw, memory) {
    const { address, length } = iovecAt(memory, raw);
    return { length, bytes: memory.read(address, Math.min(length, MOST_SET_BYTES)) };
  },
  encode: (length, raw) => (length === undefined ? [] : [storedLength(raw, length)]),
  format: (raw, view) => Address.format(raw, view),
};
/** PTRACE_PEEKSIGINFO: what is asked for stands where `addr` leads; `room`: how many fit where `data` leads. */
export interface AskedSignals {
  readonly asked: ReturnType<(typeof peekSignalsArguments)["get"]>;
  readonly room: number;
}
const MOST_SIGNALS = 1024;
const peekedSignals: Arg<AskedSignals, readonly Bytes[] | undefined> = {
  label: "out siginfos",
  decode(raw, memory, raws) {
    const asked = decodeField(peekSignalsArguments, memory.read(uint64(raws.addr!), peekSignalsArguments.size));
    const wanted = Math.min(Math.max(0, asked.nr), MOST_SIGNALS) * SIGNAL_INFO_BYTES;
    return { asked, room: Math.floor(memory.roomOf(0, uint64(raw), wanted) / SIGNAL_INFO_BYTES) };
  },
  encode: (out, raw) => (out ?? []).map((one, i) => ({ address: uint64(raw) + i * SIGNAL_INFO_BYTES, bytes: one })),
  format: (raw, view) => Address.format(raw, view),
};
/** As many bytes as `addr` says, `most` at most; the reducer answers what there is to tell. */
const outSized = (most: number): Arg<number, Bytes | undefined> => ({
  label: "out bytes[addr]",
  decode: uint64,
  encode: (out, raw, raws) => {
    const length = Math.min(out?.length ?? 0, uint64(raws.addr!));
    return out && length > 0 ? [{ address: uint64(raw), bytes: out.subarray(0, length) }] : [];
  },
  extent: (_, raws: Raws) => Math.min(most, uint64(raws.addr!)),
  format: (raw, view) => Address.format(raw, view),
});
const ofSize = (size: number): Arg<Bytes> => ({
  ...inBytes("data"),
  label: `in bytes of ${size}`,
  decode: (raw, memory) => memory.read(uint64(raw), size),
  format: (raw, view) => Address.format(raw, view),
});
const shownAsAddress = <In, Out>(arg: Arg<In, Out>): Arg<In, Out> => ({ ...arg, format: (raw, view) => Address.format(raw, view) });
const word: Variant["arg"] = outValue(bits64);
const message: Variant["arg"] = outValue(u64);
const mask: Variant["arg"] = outValue(shown(bits64, formatSet));
/** What a tracee is resumed with. */
const Signal: Arg<number> = { label: "signal", decode: uint64, format: raw => (uint64(raw) === 0 ? "0" : signalName(uint64(raw))) };
const Options: Arg<number> = { label: "options", decode: uint64, format: raw => formatFlags(ptraceOptions, uint64(raw)) };
const nothing: Arg<number> = { ...Address, format: () => "" };
/** The word itself. */
const Word: Arg<bigint> = { label: "word", decode: bigOf, format: (raw, view) => Address.format(raw, view) };

export const TracedData = variant(
  "request",
  {
    peekText: { code: P.PTRACE_PEEKTEXT, arg: word },
    peekData: { code: P.PTRACE_PEEKDATA, arg: word },
    peekUser: { code: P.PTRACE_PEEKUSER, arg: word },
    pokeText: { code: P.PTRACE_POKETEXT, arg: Word },
    pokeData: { code: P.PTRACE_POKEDATA, arg: Word },
    pokeUser: { code: P.PTRACE_POKEUSER, arg: Word },
    message: { code: P.PTRACE_GETEVENTMSG, arg: message },
    getRegisters: { code: P.PTRACE_GETREGS, arg: shownAsAddress(outValue(bytes(USER_REGISTERS_BYTES))) },
    setRegisters: { code: P.PTRACE_SETREGS, arg: ofSize(USER_REGISTERS_BYTES) },
    getFloats: { code: P.PTRACE_GETFPREGS, arg: shownAsAddress(outValue(bytes(FLOAT_REGISTERS_BYTES))) },
    setFloats: { code: P.PTRACE_SETFPREGS, arg: ofSize(FLOAT_REGISTERS_BYTES) },
    getSet: { code: P.PTRACE_GETREGSET, arg: outRegisterSet },
    setSet: { code: P.PTRACE_SETREGSET, arg: inRegisterSet },
    getSignal: { code: P.PTRACE_GETSIGINFO, arg: outValue(siginfo) },
    setSignal: { code: P.PTRACE_SETSIGINFO, arg: ofSize(SIGNAL_INFO_BYTES) },
    peekSignals: { code: P.PTRACE_PEEKSIGINFO, arg: peekedSignals },
    getMask: { code: P.PTRACE_GETSIGMASK, arg: mask },
    setMask: { code: P.PTRACE_SETSIGMASK, arg: ofSize(WORD_BYTES) },
    callInfo: { code: P.PTRACE_GET_SYSCALL_INFO, arg: outSized(callInfoSizes.most) },
    proceed: { code: P.PTRACE_CONT, arg: Signal },
    toCall: { code: P.PTRACE_SYSCALL, arg: Signal },
    step: { code: P.PTRACE_SINGLESTEP, arg: Signal },
    emulate: { code: P.PTRACE_SYSEMU, arg: Signal },
    emulateStep: { code: P.PTRACE_SYSEMU_SINGLESTEP, arg: Signal },
    detach: { code: P.PTRACE_DETACH, arg: Signal },
    setOptions: { code: P.PTRACE_SETOPTIONS, arg: Options },
    seize: { code: P.PTRACE_SEIZE, arg: Options },
    traceMe: { code: P.PTRACE_TRACEME, arg: nothing },
    kill: { code: P.PTRACE_KILL, arg: nothing },
    interrupt: { code: P.PTRACE_INTERRUPT, arg: nothing },
    listen: { code: P.PTRACE_LISTEN, arg: nothing },
    rseq: { code: P.PTRACE_GET_RSEQ_CONFIGURATION, arg: outSized(rseqConfiguration.size) },
  },
  Address,
);
