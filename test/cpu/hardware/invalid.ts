// Bytes that are no instruction to us: what the processor refuses too, but for extensions that our CPUID does not promise; and instructions of more than fifteen bytes.
import { decode, type Instruction, MOST_BYTES } from "../../../engine/cpu/decode/decode.ts";
import { encodingOf } from "../../../engine/cpu/decode/encoding.ts";
import type { Chance } from "./chance.ts";
import { instantiate, type Template } from "./encodings.ts";
import { CODE } from "./exchange.ts";

export interface Made {
  readonly code: Uint8Array;
  readonly instruction: Instruction;
  readonly template: Template;
}
/** Instructions that a host may have and ours does not, as `encodedText` writes them. */
export const foreign: readonly { readonly bytes: RegExp; readonly why: string }[] = [
  { bytes: /^0f 34/, why: "SYSENTER: a system call on Intel's processors" },
  { bytes: /^(.. )?0f 01 (c[0-9a-f]|d9)/, why: "VMCALL, VMMCALL: a hypervisor's; MONITOR, SGX and others of the system" },
  { bytes: /^(.. )?0f 01 d[8-f]/, why: "SVM" },
  { bytes: /^(.. )?0f 01 e[89a-f]/, why: "SERIALIZE, user interrupts, protection keys" },
  { bytes: /^(.. )?0f 01 f[a-f]/, why: "MONITORX, MWAITX, CLZERO, RDPRU" },
  { bytes: /^(.. )?0f 00 ([26a]|e)[89a-f]/, why: "AMD's processors let LOCK VERW pass" },
  { bytes: /^(.. )?d9 d[89a-f]/, why: "FSTP1, which is in no manual: FSTP that does not look whether there is anything" },
  { bytes: /^(.. )?0f 0d [c-f]/, why: "PREFETCH of a register does nothing by the SDM, and is invalid by the APM" },
  { bytes: /^(.. )?0f 2[0-3]/, why: "AMD's LOCK MOV CR0 is MOV CR8, and so refused in another way" },
  { bytes: /^66 0f 38 8[0-2]/, why: "INVEPT, INVVPID, INVPCID" },
  { bytes: /^(66|f2) 0f 7[89]|^f[23] 0f 2b/, why: "SSE4a" },
  { bytes: /^(66 )?c[67] f8|^(.. )?0f 01 d[56]/, why: "transactional memory" },
  { bytes: /^(66|f2|f3) 0f ae [ef]|^f3 0f ae ([26a][0-7]|[37b])/, why: "WAITPKG, PTWRITE, shadow stacks" },
  { bytes: /^(66 )?0f 38 f[56]|^f3 0f (01|c7) /, why: "shadow stacks, user interrupts, virtualisation" },
  { bytes: /^(0f 38 f9|(66|f2|f3) 0f 38 f8|(.. )?0f 38 fc)/, why: "MOVDIRI, MOVDIR64B, ENQCMD, user MSRs, RAO-INT" },
  { bytes: /^f3 0f 38 (d[8c-f]|f[ab])|^f3 0f 3a f0/, why: "Key Locker, HRESET" },
  { bytes: /^(vex )?66 0f (38 cf|3a c[ef])/, why: "GFNI" },
  { bytes: /^vex (.. )?0f 38 (5[0-3]|d[23]|b[0145]|72)/, why: "AVX-VNNI, AVX-IFMA, AVX-NE-CONVERT" },
  { bytes: /^vex (.. )?0f 38 (4[89ab]|5[c-f]|6[b-e]|e.)/, why: "AMX, CMPccXADD" },
  { bytes: /^vex (.. )?0f (38 (c[bcd]|da)|3a de)/, why: "SHA512, SM3, SM4" },
  { bytes: /^vex (.. )?0f (4[124567ab]|9[0-3]|9[89]) |^vex (.. )?0f 3a 3[0-3]/, why: "AVX-512, its mask registers" },
  { bytes: /^vex 66 0f 3a 0[01]/, why: "AMD's processors do not look at W of VPERMQ and VPERMPD" },
];
const ATTEMPTS = 200;
/** Of what does not exist a processor may take a longer immediate to be part, and then it is too long. */
const LONGEST_IMMEDIATE = 4;
/** By number, from 1. */
const maps: readonly (readonly number[])[] = [[], [0x0f], [0x0f, 0x38], [0x0f, 0x3a]];
const mandatory: readonly (readonly number[])[] = [[], [0x66], [0xf2], [0xf3]];
const others = [0x66, 0x67, 0xf2, 0xf3, 0xf0, 0x64, 0x2e] as const;
const segments = [0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65] as const;
const fixed = { scheme: "legacy", map: 1, opcode: 0, prefixes: [], addressing: [], isWide: false, isLong: false, place: "none", isGather: false } as const;
/** Nothing of it is chosen later; and it is a control transfer, which is not put where the following bytes are absent. */
const templateOf = (form: string): Template => ({ ...fixed, form, reg: undefined, rm: undefined, targetBytes: 0, isControl: true, hasThird: false });
const [bad, tooLong] = [templateOf("bad - 64"), templateOf("tooLong - 64")];

function decoded(code: Uint8Array): Instruction | undefined {
  const bytes = new Uint8Array(MOST_BYTES);
  bytes.set(code.subarray(0, MOST_BYTES));
  const instruction = decode(CODE, bytes);
  return typeof instruction === "string" ? undefined : instruction;
}
function anyBytes(chance: Chance): Uint8Array {
  const isVex = chance.isOnce(3);
  const bytes: number[] = [];
  if (chance.isOnce(isVex ? 16 : 4)) bytes.push(chance.one(others));
  if (isVex)
    bytes.push(
      0xc4,
      0xe0 ^ (chance.below(8) << 5) ^ (1 + chance.below(3)),
      chance.isOnce(3) ? chance.below(256) : 0x78 | chance.below(8) | (chance.below(2) << 7),
    );
  else bytes.push(...chance.one(mandatory), ...(chance.isOnce(4) ? [0x40 | chance.below(16)] : []), ...chance.one(maps));
  const code = new Uint8Array(MOST_BYTES);
  for (let i = 0; i < code.length; i++) code[i] = bytes[i] ?? chance.below(256);
  return code;
}
const isForeign = (text: string): boolean => foreign.some(({ bytes }) => bytes.test(text));
export function invalidInstruction(chance: Chance): Made | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const bytes = anyBytes(chance);
    const instruction = decoded(bytes);
    const encoding = encodingOf(bytes);
    if (instruction?.form.name !== "bad" || !encoding || encoding.length + LONGEST_IMMEDIATE > MOST_BYTES || isForeign(encodedText(bytes))) continue;
    return { code: bytes.slice(0, encoding.length), instruction, template: bad };
  }
  return undefined;
}
/** The prefix that decides, the map and the opcode, ModRM: "f3 0f c7 f8". */
export function encodedText(bytes: Uint8Array): string {
  const encoding = encodingOf(bytes);
  if (!encoding) return "";
  const { scheme, map, opcode, modrm, prefixes, vex } = encoding;
  const prefix = vex?.prefix ?? prefixes.findLast(one => one === 0xf2 || one === 0xf3) ?? (prefixes.includes(0x66) ? 0x66 : 0);
  const parts = [...(prefix ? [prefix] : []), ...(maps[map - 1] ?? []), opcode, ...(modrm === undefined ? [] : [modrm])];
  return `${scheme === "legacy" ? "" : `${scheme} `}${parts.map(byte => byte.toString(16).padStart(2, "0")).join(" ")}`;
}
/** A good instruction behind prefixes that say nothing, until it is too long. */
export function longInstruction(chance: Chance, ways: readonly Template[]): Made | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const made = instantiate(chance.one(ways), chance);
    // UD0 and UD1 are refused by their opcodes, before their end is looked for.
    if (!made || made.instruction.form.name === "ud2") continue;
    const least = MOST_BYTES + 1 - made.code.length;
    const count = Math.max(least, 1) + chance.below(3);
    const code = Uint8Array.from([...Array.from({ length: count }, () => chance.one(segments)), ...made.code]);
    const instruction = decoded(code);
    if (instruction?.form.name === "tooLong") return { code, instruction, template: tooLong };
  }
  return undefined;
}
