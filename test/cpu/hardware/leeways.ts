// What the manual leaves to the processor, or says nothing of, and processors do each in their own way: where the two may differ, no further than that.
import { fileOffset } from "../../../engine/cpu/register-file.ts";
import { PAGE } from "./exchange.ts";
import type { Ending } from "./guest-machine.ts";

const SIGBUS = 7;
const SIGFPE = 8;
export const SIGSEGV = 11;
/** As si_code: no address that a page could be missing at. */
export const SI_KERNEL = 0x80;

/** A case in both processors: the words of their register files, and before it. */
export interface Outcome {
  readonly before: Int32Array;
  readonly ours: Int32Array;
  readonly theirs: Int32Array;
  readonly ending: Ending;
  readonly theirEnding: Ending;
  /** Of the form. */
  readonly name: string;
}
interface Leeway {
  /** Of "name shape bits". */
  readonly forms: RegExp;
  readonly why: string;
  /** Whether both ended alike, though not with the same fault. */
  readonly isSameEnding?: (outcome: Outcome) => boolean;
  /** Bits of a word that may differ. */
  readonly open?: (outcome: Outcome, word: number) => number;
}
const STATUS_FLAGS = 0x8d5;
const [DE, UE, PE, EXCEPTIONS] = [2, 0x10, 0x20, 0x3f] as const;
const VECTOR_BYTES = 32;
const NON_CANONICAL = 2 ** 47;
const wordOf = {
  rcx: 2,
  rsp: 8,
  upperOfCounted: [3, 13, 15],
  rip: fileOffset.rip >> 2,
  rflags: fileOffset.rflags >> 2,
  mxcsr: fileOffset.mxcsr >> 2,
  x87: fileOffset.x87Control >> 2,
} as const;

const isNanAt = (view: DataView, at: number, bits: 32 | 64): boolean => Number.isNaN(bits === 64 ? view.getFloat64(at, true) : view.getFloat32(at, true));
const viewOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): DataView => new DataView(buffer, byteOffset, byteLength);
const isDotProduct = /^v?dpp[sd]$/;
const laneOf = (name: string): 32 | 64 => (name.endsWith("d") ? 64 : 32);
/** Where lanes of a dot product are NaNs in both, theirs come into `mine`. */
export function takeNans(name: string, mine: Uint8Array, theirs: Uint8Array): void {
  if (!isDotProduct.test(name)) return;
  const bits = laneOf(name);
  for (let at = 0; at < mine.length; at += bits / 8)
    if (isNanAt(viewOf(mine), at, bits) && isNanAt(viewOf(theirs), at, bits)) mine.set(theirs.subarray(at, at + bits / 8), at);
}
/** Found no memory, or no address: that of what lies on the stack is SIGBUS. */
const hasNoMemory = ({ signal }: Ending): boolean => signal === SIGSEGV || signal === SIGBUS;
/** Ours found no memory, and theirs has an exception of x87 that waits for the next of its instructions. */
function isX87First({ ending, theirEnding, theirs }: Outcome): boolean {
  const control = theirs[wordOf.x87]!;
  return hasNoMemory(ending) && theirEnding.signal === 0 && ((control >>> 16) & ~control & EXCEPTIONS) !== 0;
}
/** Ours faults at the second page, or at where addresses are not canonical, and there the lowest two bytes on the stack do not lie. */
function isBehindSelector({ ending, before }: Outcome): boolean {
  const within = before[wordOf.rsp]! & (PAGE - 1);
  return (ending.signal === SIGBUS || (ending.signal === SIGSEGV && ending.address % PAGE === 0)) && within > PAGE - 8 && within <= PAGE - 2;
}
/** Ours faults at the second page, or at where addresses are not canonical, and there the lowest two bytes do not lie. */
const isBehindWord = ({ ending, theirEnding }: Outcome): boolean =>
  ending.code === SI_KERNEL
    ? theirEnding.address > NON_CANONICAL - 4 && theirEnding.address <= NON_CANONICAL - 2
    : ending.signal === SIGSEGV && ending.address % PAGE === 0 && theirEnding.signal === 0;
/** Ours faults where no 32-bit address reaches without a segment's base, and theirs finds something. */
const isBeyondShortAddresses = ({ ending, theirEnding }: Outcome): boolean => ending.signal === SIGSEGV && ending.address > 2 ** 32 && theirEnding.signal === 0;
const PRIORITY = "which comes first is implementation dependent (SDM vol. 3, 6.9, of exceptions of one class)";

const leeways: readonly Leeway[] = [
  {
    forms: /^v?dpp[sd] /,
    why: "of several NaNs, which one comes to which lane: horizontal propagation of NaNs is implementation dependent (SDM vol. 2, DPPS, DPPD)",
    open({ name, ours, theirs }, word) {
      if (word < fileOffset.vectors >> 2) return 0;
      const bits = laneOf(name);
      const at = 4 * (bits === 64 ? word & ~1 : word);
      return [ours, theirs].every(words => isNanAt(viewOf(words), at, bits)) ? -1 : 0;
    },
  },
  {
    forms: /^rep\w*32 /,
    why: "a count of zero in ECX, or a fault: some clear the upper halves of RCX, RSI and RDI then too, as whatever writes 32 bits does",
    open: ({ before, theirs, theirEnding }, word) =>
      wordOf.upperOfCounted.some(one => one === word) && theirs[word] === 0 && (before[wordOf.rcx] === 0 || theirEnding.signal !== 0) ? -1 : 0,
  },
  {
    forms: /^repn?e(cmps|scas)/,
    why: "a fault within it: the flags are again what they were before the instruction (SDM vol. 2, REP), or, as ours and AMD's, those of the last comparison",
    open: ({ before, theirs, theirEnding }, word) => (word === wordOf.rflags && theirEnding.signal !== 0 && theirs[word] === before[word] ? STATUS_FLAGS : 0),
  },
  {
    forms: /^vcvtps2ph mvi /,
    why: `an exception, and no memory to go to: ${PRIORITY}; and some have recorded in MXCSR by then what was raised`,
    isSameEnding: ({ ending, theirEnding }) => hasNoMemory(ending) && theirEnding.signal === SIGFPE,
    open: ({ ending }, word) => (word === wordOf.mxcsr && hasNoMemory(ending) ? EXCEPTIONS : 0),
  },
  {
    forms: /^vcvtps2ph /,
    why: "denormals where underflow is not masked: some take the result for inexact even if 11 bits hold it, were there no limit to the exponent (SDM vol. 1, 4.9.1.5)",
    open: ({ theirs, theirEnding }, word) => (word === wordOf.mxcsr && theirEnding.signal === SIGFPE && (theirs[word]! & (DE | UE)) === (DE | UE) ? PE : 0),
  },
  {
    forms: /^vp?maskmov(ps|pd|d|q) /,
    why: "which byte is told of those that fault, and whether one at an address that is not canonical comes first",
    isSameEnding: ({ ending, theirEnding }) =>
      ending.signal === SIGSEGV &&
      (theirEnding.code === SI_KERNEL
        ? ending.address < NON_CANONICAL && ending.address > NON_CANONICAL - VECTOR_BYTES
        : ending.code === theirEnding.code && theirEnding.address > ending.address && theirEnding.address < ending.address + VECTOR_BYTES),
  },
  {
    forms: /^f(st|stp|ist|istp|isttp|bstp|stpExtended) m /,
    why: `an exception that is not masked, and no memory to go to: ${PRIORITY}`,
    isSameEnding: isX87First,
    open: (outcome, word) => (isX87First(outcome) ? (word === wordOf.rip ? -1 : word === wordOf.x87 ? -0x1_0000 : 0) : 0),
  },
  {
    forms: /^pop[FG]s /,
    why: "the manual has the operand's whole width read, some read the selector alone, which may lie at the end of a page",
    isSameEnding: isBehindSelector,
    open: outcome => (isBehindSelector(outcome) ? -1 : 0),
  },
  {
    forms: /^movsxd rm 16$/,
    why: "Intel's processors read 16 bits (SDM vol. 2, MOVSXD), AMD's and ours 32",
    isSameEnding: isBehindWord,
    open: outcome => (isBehindWord(outcome) ? -1 : 0),
  },
  {
    forms: /^x(save|saveopt|savec|rstor) m /,
    why: "an area that begins below the end of 32-bit addresses and ends beyond it: some of Intel's go on at address 0 of the segment, which no manual says",
    isSameEnding: isBeyondShortAddresses,
    open: outcome => (isBeyondShortAddresses(outcome) ? -1 : 0),
  },
];
/** Of "name shape bits". */
export const leewaysOf = (form: string): readonly Leeway[] => leeways.filter(({ forms }) => forms.test(form));
