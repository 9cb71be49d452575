// What loads selectors: segment registers, far transfers, and questions about descriptors. There are the segments that Linux gives user code, and no others
// (arch/x86/include/asm/segment.h): code of 32 and of 64 bits, data, and the one whose limit is the number of the processor.
import type { Assist, AssistContext } from "./assist.ts";
import { fileOffset, get, set, setGeneral, USER_FLAGS } from "./register-file.ts";

const CODE_64 = 0x30;
const DATA = 0x28;
/** By the selector without its lowest two bits: access rights as LAR gives them, and the limit. */
const descriptors = new Map<number, { readonly rights: number; readonly limit: number; readonly isWritable: boolean }>([
  [0x20, { rights: 0xcffb00, limit: 0xffff_ffff, isWritable: false }],
  [DATA, { rights: 0xcff300, limit: 0xffff_ffff, isWritable: true }],
  [CODE_64, { rights: 0xaffb00, limit: 0xffff_ffff, isWritable: false }],
  [0x78, { rights: 0x40f500, limit: 0, isWritable: false }],
]);
const describe = (selector: number) => descriptors.get(selector & 0xfffc);
const selectorOf = ({ argument }: AssistContext): number => Number(argument & 0xffffn);
const ZERO_FLAG = 0x40n;
const setZero = (context: AssistContext, isZero: boolean): void => context.changeFlags(flags => (flags & ~ZERO_FLAG) | (isZero ? ZERO_FLAG : 0n));

type Name = "Es" | "Ss" | "Ds" | "Fs" | "Gs";
const places: Readonly<Record<Exclude<Name, "Ss">, number>> = {
  Ds: fileOffset.dataSelectors,
  Es: fileOffset.dataSelectors + 1,
  Fs: fileOffset.baseSelectors,
  Gs: fileOffset.baseSelectors + 1,
};
/** The stack's must be of the highest ring that user code has. A null selector is good for the others; loading FS or GS makes its base zero. */
function load({ file }: AssistContext, name: Name, selector: number): "general" | undefined {
  if (name === "Ss") return selector === (DATA | 3) ? undefined : "general";
  if (selector > 3 && !describe(selector)) return "general";
  file[places[name]] = selector;
  if (name === "Fs") set(file, "fsBase", 0n);
  if (name === "Gs") set(file, "gsBase", 0n);
  return undefined;
}
const popping =
  (name: Name): Assist =>
  context => {
    const refusal = load(context, name, context.memory(2).getUint16(0, true));
    if (!refusal) set(context.file, "rsp", BigInt.asUintN(64, get(context.file, "rsp") + BigInt(context.bits / 8)));
    return refusal;
  };
const readWord = (view: DataView, at: number, bits: number): bigint =>
  bits === 64 ? view.getBigUint64(at, true) : BigInt(bits === 32 ? view.getUint32(at, true) : view.getUint16(at, true));
function writeTarget({ file, registers, bits }: AssistContext, value: bigint): void {
  const old = new DataView(file.buffer, file.byteOffset).getBigUint64(8 * registers[0]!, true);
  setGeneral(file, registers[0]!, bits === 16 ? (old & ~0xffffn) | (value & 0xffffn) : BigInt.asUintN(bits, value));
}
const farPointer =
  (name: Name): Assist =>
  context => {
    const view = context.memory(context.bits / 8 + 2);
    const refusal = load(context, name, view.getUint16(context.bits / 8, true));
    if (!refusal) writeTarget(context, readWord(view, 0, context.bits));
    return refusal;
  };
const answering =
  (value: (descriptor: { readonly rights: number; readonly limit: number }) => number): Assist =>
  context => {
    const known = describe(selectorOf(context));
    if (known) writeTarget(context, BigInt(value(known)));
    setZero(context, known !== undefined);
    return undefined;
  };

const isCanonical = (address: bigint): boolean => BigInt.asUintN(64, BigInt.asIntN(48, address)) === address;
/** Only to 64-bit code of this ring: 32-bit code is not served, and is refused as if there were no such segment. */
function jump({ file }: AssistContext, selector: number, rip: bigint): "general" | undefined {
  if ((selector & ~3) !== CODE_64 || !isCanonical(rip)) return "general";
  set(file, "rip", rip);
  return undefined;
}
/** The selector's lowest bits are the ring that is returned to: this one. */
const comeBack = (context: AssistContext, selector: number, rip: bigint): "general" | undefined =>
  (selector & 3) === 3 ? jump(context, selector, rip) : "general";
const raise = (context: AssistContext, bytes: number): void => set(context.file, "rsp", BigInt.asUintN(64, get(context.file, "rsp") + BigInt(bytes)));
const returning: Assist = context => {
  const { bits, immediate } = context;
  const view = context.memory(bits / 4);
  const refusal = comeBack(context, view.getUint16(bits / 8, true), readWord(view, 0, bits));
  if (!refusal) raise(context, bits / 4 + (immediate & 0xffff));
  return refusal;
};

export const segmentAssists: Readonly<Record<string, Assist>> = {
  ...Object.fromEntries(
    (["Es", "Ss", "Ds", "Fs", "Gs"] as const).map(name => [`movTo${name}`, (context: AssistContext) => load(context, name, selectorOf(context))]),
  ),
  popFs: popping("Fs"),
  popGs: popping("Gs"),
  loadSsFar: farPointer("Ss"),
  loadFsFar: farPointer("Fs"),
  loadGsFar: farPointer("Gs"),
  lar: answering(({ rights }) => rights),
  lsl: answering(({ limit }) => limit),
  verr(context) {
    setZero(context, describe(selectorOf(context)) !== undefined);
    return undefined;
  },
  verw(context) {
    setZero(context, describe(selectorOf(context))?.isWritable === true);
    return undefined;
  },
  retf: returning,
  retfTaking: returning,
  iret(context) {
    const bytes = context.bits / 8;
    const view = context.memory(5 * bytes);
    const word = (n: number) => readWord(view, n * bytes, context.bits);
    if (Number(word(4) & 0xffffn) !== (DATA | 3)) return "general";
    const refusal = comeBack(context, Number(word(1) & 0xffffn), word(0));
    if (refusal) return refusal;
    const mask = context.bits === 16 ? USER_FLAGS & 0xffffn : USER_FLAGS;
    const flags = word(2);
    context.changeFlags(old => (old & ~mask) | (flags & mask));
    set(context.file, "rsp", word(3));
    return undefined;
  },
  jmpFar(context) {
    const view = context.memory(context.bits / 8 + 2);
    return jump(context, view.getUint16(context.bits / 8, true), readWord(view, 0, context.bits));
  },
  callFar(context) {
    const { view, argument, bits, file } = context;
    const from = Number(argument & 0xffff_ffffn);
    const to = Number(BigInt.asUintN(64, argument) >> 32n);
    const back = get(file, "rip");
    const refusal = jump(context, view.getUint16(from + bits / 8, true), readWord(view, from, bits));
    if (refusal) return refusal;
    const put = (at: number, value: bigint) =>
      bits === 64
        ? view.setBigUint64(at, value, true)
        : bits === 32
          ? view.setUint32(at, Number(value & 0xffff_ffffn), true)
          : view.setUint16(at, Number(value & 0xffffn), true);
    put(to, back);
    put(to + bits / 8, BigInt(CODE_64 | 3));
    raise(context, -bits / 4);
    return undefined;
  },
  /** With TF: the processor traps after the next instruction. */
  popf(context) {
    const mask = context.bits === 16 ? USER_FLAGS & 0xffffn : USER_FLAGS;
    context.changeFlags(old => (old & ~mask) | (context.argument & mask));
    raise(context, context.bits / 8);
    return undefined;
  },
};
