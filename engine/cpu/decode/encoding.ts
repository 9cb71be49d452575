// The parts of an instruction's encoding, and so its length, for every instruction of x86-64, whether it is served or not (SDM vol. 2, chapter 2 and appendix A).
import { VEX_PREFIXES } from "./prefix.ts";

export interface Encoding {
  /** In the order in which they stand. */
  readonly prefixes: readonly number[];
  /** The REX prefix, or 0; of VEX the bits that REX has. */
  readonly rex: number;
  /** What VEX stands for besides: a mandatory prefix or 0, and vectors of 256 bits. */
  readonly vex?: { readonly prefix: number; readonly isLong: boolean };
  readonly scheme: "legacy" | "vex" | "evex";
  /** 1 for one byte, 2 for 0F, 3 for 0F 38, 4 for 0F 3A. EVEX has 5 and 6 too. */
  readonly map: number;
  readonly opcode: number;
  readonly modrm: number | undefined;
  readonly length: number;
}
const isPrefix = new Set([0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x2e, 0x36, 0x3e, 0x26, 0x64, 0x65]);

/** Opcodes as ranges: "04-05 a8" and the like. */
const opcodes = (text: string): ReadonlySet<number> =>
  new Set(
    text.split(" ").flatMap(part => {
      const [first = 0, last = first] = part.split("-").map(end => Number.parseInt(end, 16));
      return Array.from({ length: last - first + 1 }, (_, i) => first + i);
    }),
  );
const oneByte = {
  modrm: opcodes("00-03 08-0b 10-13 18-1b 20-23 28-2b 30-33 38-3b 62-63 69 6b 80-8f c0-c1 c4-c7 d0-d3 d8-df f6-f7 fe-ff"),
  byte: opcodes("04 0c 14 1c 24 2c 34 3c 6a-6b 70-7f 80 82-83 a8 b0-b7 c0-c1 c6 cd d4-d5 e0-e7 eb"),
  word: opcodes("c2 ca"),
  /** 16 bits by prefix, else 32. */
  full: opcodes("05 0d 15 1d 25 2d 35 3d 68-69 81 a9 c7"),
  /** 32 bits whatever the prefix: jumps. */
  offset: opcodes("e8-e9"),
} as const;
const twoByte = {
  without: opcodes("04-09 0b 0e 30-37 77 80-8f a0-a2 a8-aa c8-cf"),
  byte: opcodes("0f 70-73 a4 ac ba c2 c4-c6"),
} as const;
const GROUP_3 = opcodes("f6-f7");
const MOV_IMMEDIATE = opcodes("b8-bf");
const MOV_ABSOLUTE = opcodes("a0-a3");
const ENTER = 0xc8;
const XABORT_OR_XBEGIN = 0xf8;

function memoryBytes(modrm: number, sib: number, isEvex: boolean): number {
  const [mod, rm] = [modrm >> 6, modrm & 7];
  if (mod === 3) return 0;
  const hasSib = rm === 4;
  const hasWideOffset = mod === 2 || (mod === 0 && (rm === 5 || (hasSib && (sib & 7) === 5)));
  // EVEX counts one byte in units of the operand, which is one byte all the same.
  return (hasSib ? 1 : 0) + (hasWideOffset ? 4 : mod === 1 || (isEvex && mod === 1) ? 1 : 0);
}
function immediateBytes({ map, opcode, modrm, rex, prefixes, scheme }: Omit<Encoding, "length">): number {
  if (map === 4) return 1;
  if (map === 2) {
    if (scheme === "legacy" && opcode >= 0x80 && opcode < 0x90) return 4;
    return twoByte.byte.has(opcode) ? 1 : 0;
  }
  if (map !== 1) return 0;
  const full = prefixes.includes(0x66) && !(rex & 8) ? 2 : 4;
  if (GROUP_3.has(opcode)) return ((modrm ?? 0) & 0x38) > 8 ? 0 : opcode === 0xf6 ? 1 : full;
  if (MOV_IMMEDIATE.has(opcode)) return rex & 8 ? 8 : full;
  if (MOV_ABSOLUTE.has(opcode)) return prefixes.includes(0x67) ? 4 : 8;
  if (opcode === ENTER) return 3;
  // XBEGIN's target; XABORT's byte is C6 F8.
  if (opcode === 0xc7 && modrm === XABORT_OR_XBEGIN) return full;
  if (oneByte.byte.has(opcode)) return 1;
  if (oneByte.word.has(opcode)) return 2;
  return oneByte.offset.has(opcode) ? 4 : oneByte.full.has(opcode) ? full : 0;
}
const hasModrm = (scheme: Encoding["scheme"], map: number, opcode: number): boolean =>
  map === 1 ? oneByte.modrm.has(opcode) : map !== 2 || (scheme === "vex" ? opcode !== 0x77 : !twoByte.without.has(opcode));

/** Undefined where the bytes end before the instruction does. */
export function encodingOf(bytes: Readonly<Uint8Array>): Encoding | undefined {
  let at = 0;
  const prefixes: number[] = [];
  let rex = 0;
  for (; ; at++) {
    const byte = bytes[at] ?? -1;
    if (byte >> 4 === 4) {
      rex = byte;
      continue;
    }
    if (!isPrefix.has(byte)) break;
    prefixes.push(byte);
    // One that is not the last of the prefixes is ignored (SDM vol. 2, 2.2.1).
    rex = 0;
  }
  let vex: Encoding["vex"];
  let [scheme, map, lead]: [Encoding["scheme"], number, number] = ["legacy", 1, bytes[at] ?? -1];
  if (lead === 0xc5 || lead === 0xc4) {
    scheme = "vex";
    map = lead === 0xc5 ? 2 : ((bytes[at + 1] ?? 0) & 0x1f) + 1;
    const high = lead === 0xc5 ? ((bytes[at + 1] ?? 0) & 0x80) | 0x60 : (bytes[at + 1] ?? 0);
    const last = lead === 0xc5 ? (bytes[at + 1] ?? 0) & 0x7f : (bytes[at + 2] ?? 0);
    rex = 0x40 | (~(high >> 5) & 7) | ((last >> 4) & 8);
    vex = { prefix: VEX_PREFIXES[last & 3]!, isLong: (last & 4) !== 0 };
    at += lead === 0xc5 ? 2 : 3;
  } else if (lead === 0x62) {
    scheme = "evex";
    map = ((bytes[at + 1] ?? 0) & 7) + 1;
    at += 4;
  } else if (lead === 0x0f) {
    const second = bytes[++at] ?? -1;
    map = second === 0x38 ? 3 : second === 0x3a ? 4 : 2;
    if (map > 2) at++;
  }
  const opcode = bytes[at++] ?? -1;
  const modrm = hasModrm(scheme, map, opcode) ? bytes[at++] : undefined;
  const parts = { prefixes, rex, ...(vex ? { vex } : {}), scheme, map, opcode, modrm };
  const memory = modrm === undefined ? 0 : memoryBytes(modrm, bytes[at] ?? 0, scheme === "evex");
  const length = at + memory + immediateBytes(parts);
  return length <= bytes.length ? { ...parts, length } : undefined;
}
