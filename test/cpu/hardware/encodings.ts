// Bytes of instructions, for every form that the decoder knows. The decoder itself is asked about every opcode, so a new line of the opcode maps is met without a word here.
import { type Decoded, decode, type Instruction, MOST_BYTES } from "../../../engine/cpu/decode/decode.ts";
import { encodingOf } from "../../../engine/cpu/decode/encoding.ts";
import type { Chance } from "./chance.ts";
import { CODE } from "./exchange.ts";

/** One way to write a form: what of the encoding is fixed. */
export interface Template {
  /** Name, shape and width. */
  readonly form: string;
  readonly scheme: "legacy" | "vex";
  readonly map: number;
  readonly opcode: number;
  /** Mandatory ones and the operand size. */
  readonly prefixes: readonly number[];
  /** The prefix 67 and that of a segment, where they make another form of it: implied operands have no other place to say so. */
  readonly addressing: readonly number[];
  readonly isWide: boolean;
  /** VEX.L and VEX.vvvv as they stand in the prefix. */
  readonly isLong: boolean;
  readonly place: "none" | "memory" | "register";
  /** Its index is a vector, so that there must be a SIB byte. */
  readonly isGather: boolean;
  /** ModRM.reg and ModRM.rm, where they are part of the opcode. */
  readonly reg: number | undefined;
  readonly rm: number | undefined;
  /** Bytes of a relative target. */
  readonly targetBytes: 0 | 1 | 4;
  /** Execution may go on elsewhere. */
  readonly isControl: boolean;
  /** VEX.vvvv names a register. */
  readonly hasThird: boolean;
}
export const formName = ({ form }: Instruction): string => `${form.name} ${form.shape || "-"} ${form.bits}`;

const LEGACY_PREFIXES = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x0f, 0xc4, 0xc5, 0x62]);
const isTaken = (map: number, opcode: number): boolean =>
  (map === 1 && (LEGACY_PREFIXES.has(opcode) || opcode >> 4 === 4)) || (map === 2 && (opcode === 0x38 || opcode === 0x3a));
const addressings = [[0x67], [0x64], [0x64, 0x67]] as const;
const legacyPrefixes: readonly (readonly number[])[] = [[], [0x66], [0xf2], [0xf3], [0x66, 0xf2], [0x66, 0xf3]];
const mapBytes: Readonly<Record<number, readonly number[]>> = { 1: [], 2: [0x0f], 3: [0x0f, 0x38], 4: [0x0f, 0x3a] };

interface Head {
  readonly scheme: Template["scheme"];
  readonly map: number;
  readonly opcode: number;
  readonly prefixes: readonly number[];
  readonly addressing: readonly number[];
  readonly isWide: boolean;
  readonly isLong: boolean;
  /** R, X and B, and VEX.vvvv. */
  readonly extensions: number;
  readonly third: number;
  readonly hasRex: boolean;
}
const vexPrefix = (prefixes: readonly number[]): number => [undefined, 0x66, 0xf3, 0xf2].indexOf(prefixes[0]);
function headBytes(
  { scheme, map, opcode, prefixes, addressing, isWide, isLong, extensions, third, hasRex }: Head,
  others: readonly number[] = addressing,
  isShortVex = false,
): number[] {
  if (scheme === "legacy") {
    const rex = isWide || extensions || hasRex ? [0x40 | (isWide ? 8 : 0) | extensions] : [];
    return [...others, ...prefixes, ...rex, ...mapBytes[map]!, opcode];
  }
  const last = ((~third & 15) << 3) | (isLong ? 4 : 0) | vexPrefix(prefixes);
  if (isShortVex) return [...others, 0xc5, (extensions & 4 ? 0 : 0x80) | last, opcode];
  return [...others, 0xc4, ((~extensions & 7) << 5) | (map - 1), (isWide ? 0x80 : 0) | last, opcode];
}
/** So many bytes follow that the decoder never comes short. */
function ask(head: readonly number[], tail: number): Decoded {
  const bytes = new Uint8Array(MOST_BYTES).fill(tail);
  bytes.set(head);
  return decode(CODE, bytes);
}
const isInstruction = (decoded: Decoded): decoded is Instruction => typeof decoded !== "string" && !/^(bad|tooLong)$/.test(decoded.form.name);

/** Every form of the decoder's with all the ways to write it. */
export function templates(): ReadonlyMap<string, readonly Template[]> {
  const found = new Map<string, Template[]>();
  const known = new Set<string>();
  const offer = (template: Template): void => {
    // What differs only in a prefix that changes nothing is the same.
    const { form, scheme, map, opcode, place, reg, rm, isLong } = template;
    const key = [form, scheme, map, opcode, place, reg, rm, isLong].join();
    if (known.has(key)) return;
    known.add(key);
    const ways = found.get(form);
    if (ways) ways.push(template);
    else found.set(form, [template]);
  };
  for (const scheme of ["legacy", "vex"] as const)
    for (const prefixes of scheme === "legacy" ? legacyPrefixes : legacyPrefixes.slice(0, 4))
      for (const map of scheme === "legacy" ? [1, 2, 3, 4] : [2, 3, 4])
        for (const isLong of scheme === "legacy" ? [false] : [false, true])
          for (const isWide of [false, true])
            for (let opcode = 0; opcode < 256; opcode++) {
              if (scheme === "legacy" && isTaken(map, opcode)) continue;
              const head: Head = { scheme, map, opcode, prefixes, addressing: [], isWide, isLong, extensions: 0, third: 0, hasRex: false };
              eachTemplate(head, offer);
              for (const addressing of addressings) if (isOther(head, addressing)) eachTemplate({ ...head, addressing }, offer);
            }
  return found;
}
/** Whether these prefixes make another form of the opcode: with memory, or with a register. */
function isOther(head: Head, addressing: readonly number[]): boolean {
  return [0x11, 0xd1].some(tail => {
    const [plain, changed] = [ask(headBytes(head), tail), ask(headBytes({ ...head, addressing }), tail)];
    return isInstruction(plain) && isInstruction(changed) && plain.form !== changed.form;
  });
}
const isX87 = (map: number, opcode: number): boolean => map === 1 && opcode >= 0xd8 && opcode <= 0xdf;
/** Opcodes of which a whole ModRM byte may be part. */
const hasWholeModrm = (map: number, opcode: number): boolean => isX87(map, opcode) || (map === 2 && [0x01, 0xae, 0xc7].includes(opcode));

function eachTemplate(head: Head, offer: (template: Template) => void): void {
  const bytes = headBytes(head);
  const { extensions, third, hasRex, ...fixed } = head;
  const probe = encodingOf(Uint8Array.from([...bytes, ...new Array(12).fill(0)]));
  if (!probe) return;
  if (probe.modrm === undefined) {
    for (const tail of [0x11, 0]) {
      const decoded = ask(bytes, tail);
      if (!isInstruction(decoded)) continue;
      const traits = { isControl: decoded.form.row.control !== undefined, hasThird: hasThird(head, []), isGather: false };
      offer({
        ...fixed,
        ...traits,
        form: formName(decoded),
        place: "none",
        reg: undefined,
        rm: undefined,
        targetBytes: targetBytes(decoded, tail, bytes.length),
      });
    }
    return;
  }
  for (const tail of [0x11, 0]) {
    // [RBX]; where that is nothing, [RBX + vector 4]; the second register.
    if (!offerEach(head, offer, "memory", tail, [3], undefined)) offerEach(head, offer, "memory", tail, [4, 0x23], undefined);
    for (const rm of hasWholeModrm(head.map, head.opcode) ? [0, 1, 2, 3, 4, 5, 6, 7] : [undefined])
      offerEach(head, offer, "register", tail, [0xc0 | (rm ?? 1)], rm);
  }
}
/** One template where ModRM.reg is an operand, else one for each of its values. `first` are ModRM without it and what follows. Whether there was any. */
function offerEach(
  head: Head,
  offer: (template: Template) => void,
  place: "memory" | "register",
  tail: number,
  first: readonly number[],
  rm: number | undefined,
): boolean {
  const { extensions, third, hasRex, ...fixed } = head;
  const rest = (reg: number) => [first[0]! | (reg << 3), ...first.slice(1)];
  const each = Array.from({ length: 8 }, (_, reg) => ask([...headBytes(head), ...rest(reg)], tail));
  const names = each.map(decoded => (isInstruction(decoded) ? formName(decoded) : undefined));
  const isGather = first.length > 1;
  // The registers of a gather must be three: those that stand here for another are nothing.
  const isAny = rm === undefined && (isGather ? names.some(name => name !== undefined) : names.every(name => name !== undefined && name === names[0]));
  const known = isAny ? names.findIndex(name => name !== undefined) : -1;
  each.forEach((decoded, reg) => {
    if (!isInstruction(decoded) || names[reg] === undefined || (isAny && reg !== known)) return;
    const traits = { isControl: decoded.form.row.control !== undefined, hasThird: isGather || hasThird(head, rest(reg)), isGather };
    offer({ ...fixed, ...traits, form: formName(decoded), place, reg: isAny ? undefined : reg, rm, targetBytes: 0 });
  });
  return names.some(name => name !== undefined);
}
const targetBytes = ({ target, length }: Instruction, tail: number, head: number): Template["targetBytes"] =>
  tail === 0 || target === CODE + length ? 0 : length - head === 1 ? 1 : 4;
function hasThird(head: Head, rest: readonly number[]): boolean {
  if (head.scheme === "legacy") return false;
  const registers = [1, 2].map(third => ask([...headBytes({ ...head, third }), ...rest], 0x11));
  return registers.every(isInstruction) && JSON.stringify(registers[0]) !== JSON.stringify(registers[1]);
}

const [FS, GS] = [0x64, 0x65] as const;
const segments = [FS, GS, FS, GS, 0x2e, 0x3e] as const;
const lockable = /^(add|or|adc|sbb|and|sub|xor|inc|dec|neg|not|bts|btr|btc|xadd|xchg|cmpxchg|cmpxchg8b|cmpxchg16b) m/;
const tails = [0, 0xff, 0x7f, 0x80, 0x01] as const;

/** Bytes of the template with everything open chosen at random; `undefined` where they turn out to be another form. */
export function instantiate(template: Template, chance: Chance): { readonly code: Uint8Array; readonly instruction: Instruction } | undefined {
  const isMemory = template.place === "memory";
  const others: number[] = template.addressing.map(prefix => (prefix === FS ? chance.one([FS, GS]) : prefix));
  const addsLater = /^(bt[src]? mr|vp?maskmov)/.test(template.form);
  if (isMemory && !addsLater && chance.isOnce(8)) others.push(chance.one(segments));
  // With a bit string's offset or a lane's added, the address would have to be cut to 32 bits again, which is not served.
  if (isMemory && !addsLater && chance.isOnce(8)) others.push(0x67);
  if (isMemory && lockable.test(template.form) && chance.isOnce(8)) others.push(0xf0);
  // The manual has 66 change nothing in near branches; some processors shorten the target.
  if (template.scheme === "legacy" && template.map === 1 && template.prefixes.length === 0 && !template.isControl && chance.isOnce(12)) others.push(0x66);
  const extensions = chance.isOnce(2) ? chance.below(8) : 0;
  const third = template.hasThird ? chance.below(16) : 0;
  const head = { ...template, extensions, third, hasRex: chance.isOnce(8) };
  const isShortVex = template.scheme === "vex" && template.map === 2 && !template.isWide && (extensions & 3) === 0 && chance.isOnce(2);
  const bytes = headBytes(head, others, isShortVex);
  if (template.place !== "none") {
    const reg = template.reg ?? chance.below(8);
    const rm = template.isGather ? 4 : (template.rm ?? chance.below(8));
    if (!isMemory) bytes.push(0xc0 | (reg << 3) | rm);
    else {
      const mod = chance.below(3);
      bytes.push((mod << 6) | (reg << 3) | rm);
      if (rm === 4) bytes.push(chance.below(256));
    }
  }
  const code = new Uint8Array(MOST_BYTES);
  const tail = chance.isOnce(3) ? chance.one(tails) : undefined;
  for (let i = 0; i < code.length; i++) code[i] = bytes[i] ?? tail ?? chance.below(256);
  if (template.form.startsWith("enter")) code[bytes.length + 1] = chance.below(3);
  if (template.form.startsWith("enter")) code[bytes.length + 2] = 0;
  const decoded = decode(CODE, code);
  if (!isInstruction(decoded) || formName(decoded) !== template.form) return undefined;
  return { code: code.slice(0, decoded.length), instruction: decoded };
}
