// Instructions as text, from the decoder's own tables, in the syntax of Intel as objdump writes it. For people: what the text leaves out, such as symbols, nothing needs.
import { decode, FS_BASE, GS_BASE, type Instruction, NO_REGISTER } from "./decode/decode.ts";
import { type Encoding, encodingOf } from "./decode/encoding.ts";
import { mnemonic } from "./decode/mnemonics.ts";
import { table } from "./semantics/table.ts";

export interface Disassembled {
  readonly length: number;
  readonly text: string;
}
type Size = 8 | 16 | 32 | 64 | 80 | 128 | 256 | 0;

const numbered = (suffix: string): string[] => [8, 9, 10, 11, 12, 13, 14, 15].map(n => `r${n}${suffix}`);
const names = {
  8: ["al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", ...numbered("b")],
  16: ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di", ...numbered("w")],
  32: ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi", ...numbered("d")],
  64: ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", ...numbered("")],
} as const;
const highBytes = ["ah", "ch", "dh", "bh"] as const;
const pointers: Readonly<Record<Size, string>> = { 8: "BYTE", 16: "WORD", 32: "DWORD", 64: "QWORD", 80: "TBYTE", 128: "XMMWORD", 256: "YMMWORD", 0: "" };
const hex = (n: bigint | number): string => `0x${n.toString(16)}`;
const signed = (n: number): string => (n < 0 ? `-${hex(-n)}` : `+${hex(n)}`);

const general = (register: number, size: Size): string =>
  register & 1 ? highBytes[register >> 3]! : names[size === 8 || size === 16 || size === 32 ? size : 64][register >> 3]!;

/** Sizes that are not the form's: of memory, and of registers, by row. */
const memorySizes: readonly (readonly [name: RegExp, size: Size])[] = [
  [/^(movzx8|movsx8|pextrb|pinsrb|crc32b)$/, 8],
  [/^(movzx16|movsx16|pinsrw|pinsrwMmx|pextrwTo|crc32w)$/, 16],
  [/^(movsxd$|movd$|ldmxcsr|stmxcsr|punpckl..Mmx|insertps|extractps|crc32d)/, 32],
  [/^(pshufw|crc32q|cvtpi2p[sd]|cvtt?ps2pi)$/, 64],
  [/^(cvtps2pd|cvtdq2pd|cvtpd2ps.*64)$/, 64],
  [/^(f(ld|stp)Extended|fbld|fbstp)$/, 80],
  [/^(f(ld|nst)env(Short)?|frstor(Short)?|fnsave(Short)?|fxsave|fxrstor|lea|nop|xsave(opt|c)?|xrstor|s[gi]dt)$/, 0],
  [/^(clflush)$/, 8],
  [/^(mov[CDEFGS]sTo|movTo[EDFGS]s|sldt|str|smsw|lar|lsl)$/, 16],
  [/^(movlps|movhps|movq|cmpxchg8b)$/, 64],
  [/^(cmpxchg16b|cvtt?pd2pi)$/, 128],
  [/^cvtt?s[sd]2si$|^cvtsi2s[sd]$/, 64],
];
/** Vectors half as long as the form, or shorter: where they are the source, and where the target. */
const shorterSources: readonly (readonly [name: RegExp, part: 2 | 4 | 8])[] = [
  [/^v(pmov[sz]x(bw|wd|dq)|cvtps2pd|cvtdq2pd|cvtph2ps)$/, 2],
  [/^vpmov[sz]x(bd|wq)$/, 4],
  [/^vpmov[sz]xbq$/, 8],
];
const elementSizes: readonly (readonly [name: RegExp, size: Size])[] = [
  [/^v(broadcast|insert|extract)[fi]128$/, 128],
  [/^vps(ll|rl|ra)[wdq]$/, 128],
  [/^vpbroadcastb$/, 8],
  [/^vpbroadcastw$/, 16],
  [/^v(broadcastss|pbroadcastd|p?gather[dq](ps|d))$/, 32],
  [/^v(broadcastsd|pbroadcastq|p?gather[dq](pd|q))$/, 64],
];
const shorterTargets = /^v(cvt(pd2ps|t?pd2dq|ps2ph)|extract[fi]128)$/;
const partOf = (name: string): number | undefined => shorterSources.find(([pattern]) => pattern.test(name))?.[1];
function vexMemorySize(name: string, bits: Size): Size | undefined {
  const part = partOf(name);
  if (part) return [16, 32, 64, 128].find((size): size is 16 | 32 | 64 | 128 => size === bits / part);
  if (name === "vcvtps2ph") return bits === 256 ? 128 : 64;
  if (name === "vmovddup") return bits === 256 ? 256 : 64;
  return elementSizes.find(([pattern]) => pattern.test(name))?.[1];
}
/** The length of a vector register, by its place among the operands. */
function vectorLength({ form: { name, shape, bits } }: Instruction, place: number): "x" | "y" {
  if (bits !== 256) return "x";
  if (/gather/.test(name)) return /gather(d(pd|q))$/.test(name) ? (place === 2 ? "x" : "y") : /gatherq(ps|d)$/.test(name) ? (place === 2 ? "y" : "x") : "y";
  if (place === 0) return shorterTargets.test(name) ? "x" : "y";
  if (/^vps(ll|rl|ra)/.test(name) && shape.endsWith("i")) return "y";
  const isLast = place === shape.replace("i", "").length - 1;
  return isLast && (partOf(name) || elementSizes.some(([pattern]) => pattern.test(name))) && !/^vextract/.test(name) ? "x" : "y";
}
function memorySize({ form }: Instruction): Size {
  const { shape, bits } = form;
  const vex = vexMemorySize(form.name, bits);
  if (vex) return vex;
  const name = form.name.replace(/^v/, "");
  if (/^(movd|movdMmx|pinsrd|pextrd)$|^cvtsi2/.test(name)) return bits;
  if (/^cvtt?ss2si$/.test(name)) return 32;
  const known = memorySizes.find(([pattern]) => pattern.test(name));
  if (known) return known[1];
  if (shape.includes("x")) return 64;
  if (!shape.includes("v")) return bits;
  const operation = table[form.name]?.operation;
  if (operation) return operation.reads;
  if (name === "cvtsd2ss") return 64;
  if (/^(?!p).*(ss|ss2sd)$/.test(name)) return 32;
  if (/^(?!p).*(sd|movsdVector)$/.test(name)) return 64;
  return bits === 256 ? 256 : 128;
}
function registerSize({ form: { name, bits } }: Instruction, place: number): Size {
  if (name.startsWith("movTo")) return 32;
  if (place === 0) return bits > 64 ? 32 : bits;
  if (/^(mov[zs]x8|crc32b)$/.test(name)) return 8;
  if (/^(mov[zs]x16|crc32w)$/.test(name)) return 16;
  if (/^crc32[dq]$/.test(name)) return name === "crc32d" ? 32 : 64;
  return name === "movsxd" ? 32 : bits;
}

/** The index of a gather is a vector, and the immediate its scale. */
const gathers = /^vp?gather/;
function address(instruction: Instruction, { modrm = 0 }: Encoding, next: number): string {
  const { base, index, scale, displacement, segment, isAddress32, form } = instruction;
  const isRelative = base === NO_REGISTER && index === NO_REGISTER && (modrm & 0xc7) === 5;
  const size = isAddress32 ? 32 : 64;
  const at = segment === FS_BASE ? "fs:" : segment === GS_BASE ? "gs:" : "";
  if (isRelative) return `${at}[rip+${hex(BigInt.asUintN(64, BigInt(displacement - next)))}]`;
  const vectorIndex = gathers.test(form.name) ? `${vectorLength(instruction, 2)}mm${instruction.registers[1]! >> 3}*${1 << instruction.immediateLow}` : "";
  const parts = vectorIndex ? [base] : [base, index].filter(register => register !== NO_REGISTER);
  if (parts.length === 0) return `${at || "ds:"}${hex(BigInt.asUintN(64, BigInt(displacement)))}`;
  const baseText = base === NO_REGISTER ? "" : general(base * 8, size);
  const indexText = vectorIndex
    ? `+${vectorIndex}`
    : index === NO_REGISTER
      ? ""
      : `${base === NO_REGISTER ? "" : "+"}${general(index * 8, size)}*${1 << scale}`;
  // An offset that is encoded is shown though it be zero.
  const hasOffset = modrm >> 6 === 1 || modrm >> 6 === 2 || base === NO_REGISTER;
  return `${at}[${baseText}${indexText}${hasOffset ? signed(displacement) : ""}]`;
}
function immediate({ form, immediateLow, immediateHigh }: Instruction, encoding: Encoding): string {
  const value = (BigInt(immediateHigh) << 32n) | BigInt(immediateLow >>> 0);
  const isByte = /[vx]/.test(form.shape) || /^(sh[lr]d|touch2?|rol|ror|rorx|rcl|rcr|shl|shr|sar|bt|bts|btr|btc|privileged|int)$/.test(form.name);
  const isWord = /^(retTaking|retfTaking|enter)$/.test(form.name);
  if (encoding.map === 1 && encoding.opcode >= 0xd0 && encoding.opcode <= 0xd1) return "1";
  const bits = isByte ? 8 : isWord ? 16 : form.name === "push" ? 64 : form.bits;
  return hex(BigInt.asUintN(bits, value));
}

const stringOperands: Readonly<Record<string, (target: string, source: string, accumulator: string) => string>> = {
  movs: (target, source) => `${target},${source}`,
  cmps: (target, source) => `${source},${target}`,
  stos: (target, _, accumulator) => `${target},${accumulator}`,
  lods: (_, source, accumulator) => `${accumulator},${source}`,
  scas: (target, _, accumulator) => `${accumulator},${target}`,
};
const relative = /^(j(?!mpTo)|call$|loop)/;
const byCount = /^(rol|ror|rcl|rcr|shl|shr|sar|shld|shrd)cl$/;
const toTop = /^f(add|mul|sub|subr|div|divr)Top$|^fu?comip?$|^fcmov/;
const fromTop = /^f(add|mul|sub|subr|div|divr)(Other|p)$/;

const predicates =
  "eq lt le unord neq nlt nle ord eq_uq nge ngt false neq_oq ge gt true eq_os lt_oq le_oq unord_s neq_us nlt_uq nle_uq ord_s eq_us nge_uq ngt_uq false_os neq_os ge_oq gt_oq true_us".split(
    " ",
  );
const quadwords: Readonly<Record<number, string>> = { 0: "lql", 1: "hql", 16: "lqh", 17: "hqh" };
/** Names that say what the immediate does. */
function byPredicate(name: string, immediate: number): string | undefined {
  const byte = immediate & 0xff;
  const product = /^(v?pclmul)qdq$/.exec(name);
  if (product) return byte in quadwords ? `${product[1]}${quadwords[byte]}qdq` : undefined;
  const compared = /^(v?cmp)([ps][sd])$/.exec(name);
  return compared && byte < (name.startsWith("v") ? 32 : 8) ? `${compared[1]}${predicates[byte]}${compared[2]}` : undefined;
}
function operands(instruction: Instruction, encoding: Encoding, next: number): string {
  const { form, registers } = instruction;
  const string = stringOperands[form.name.replace(/^rep(e|ne)?|32$/g, "")];
  if (string) {
    const letter = form.name.endsWith("32") ? "e" : "r";
    const segment = instruction.base === FS_BASE ? "fs" : instruction.base === GS_BASE ? "gs" : "ds";
    const at = (base: string, register: string) => `${pointers[form.bits]} PTR ${base}:[${letter}${register}]`;
    return string(at("es", "di"), at(segment, "si"), general(0, form.bits));
  }
  const size = memorySize(instruction);
  const isLddqu = encoding.map === 2 && encoding.opcode === 0xf0;
  const memory = () => `${size && !isLddqu ? `${pointers[size]} PTR ` : ""}${address(instruction, encoding, next)}`;
  if (form.name === "nop") {
    if (encoding.map === 1) return encoding.prefixes.includes(0x66) ? "ax,ax" : "";
    const word: Size = encoding.rex & 8 ? 64 : encoding.prefixes.includes(0x66) ? 16 : 32;
    if (encoding.modrm === undefined || encoding.opcode === 0xae) return "";
    const isHint = encoding.opcode === 0x18 || encoding.opcode === 0x0d;
    if (encoding.modrm >= 0xc0) return encoding.opcode === 0x1e ? "" : general((encoding.modrm & 7) * 8, word);
    return `${pointers[isHint ? 8 : word]} PTR ${address(instruction, encoding, next)}`;
  }
  if (/^(monitor|xgetbv)$/.test(form.name)) return "";
  if (form.name === "fnstsw" && form.shape === "") return "ax";
  const segment = /^(?:mov|movTo|push|pop)([CDEFGS]s)(?:To)?$/.exec(form.name)?.[1]?.toLowerCase();
  if (segment && form.shape === "") return segment;
  let place = 0;
  const texts = [...form.shape].map((kind, i) => {
    if (kind === "m") return memory();
    if (kind === "i") return immediate(instruction, encoding);
    const register = registers[place++]!;
    if (kind === "v") return `${vectorLength(instruction, i)}mm${register >> 3}`;
    if (kind === "x") return `mm${register}`;
    return kind === "s" ? `st(${register})` : general(register, registerSize(instruction, i));
  });
  if (form.shape.endsWith("iv")) texts.pop();
  if (segment) form.name.startsWith("movTo") ? texts.unshift(segment) : texts.push(segment);
  if (form.name === "enter") texts.push(hex(instruction.immediateHigh));
  if (gathers.test(form.name)) texts.splice(2, 1);
  if (byPredicate(form.name, instruction.immediateLow)) texts.pop();
  if (relative.test(form.name)) texts.push(hex(instruction.target));
  if (byCount.test(form.name)) texts.push("cl");
  if (form.shape === "s" && toTop.test(form.name)) texts.unshift("st");
  if (form.shape === "s" && fromTop.test(form.name)) texts.push("st");
  return texts.join(",");
}
/** Prefixes that say something by themselves. */
function prefixText({ prefixes }: Encoding, name: string): string {
  const parts: string[] = [];
  if (prefixes.includes(0xf0)) parts.push("lock ");
  if (/^(jmp|call)$/.test(name) && prefixes.includes(0x3e)) parts.push("notrack ");
  if (name === "ret" && prefixes.includes(0xf3)) parts.push("repz ");
  if (name === "nop") {
    const extra = prefixes.filter(prefix => prefix === 0x66).length - 1;
    for (let i = 0; i < extra; i++) parts.push("data16 ");
    if (prefixes.includes(0x2e)) parts.push("cs ");
  }
  return parts.join("");
}

/** What an instruction that is not served is called: how it is encoded, which is what one needs to look it up. */
function unnamed({ scheme, map, opcode }: Encoding): string {
  const maps = ["", "", "0f ", "0f 38 ", "0f 3a "];
  return `(${scheme === "legacy" ? "" : `${scheme} `}${maps[map] ?? `map ${map} `}${opcode.toString(16).padStart(2, "0")})`;
}

/** The instruction at an address, from its bytes and some more. Bytes that are no instruction are one byte, called (bad). */
export function disassemble(bytes: Uint8Array, at: number): Disassembled {
  const encoding = encodingOf(bytes);
  if (!encoding) return { length: 1, text: "(bad)" };
  const instruction = decode(at, bytes);
  if (typeof instruction === "string" || /^(bad|tooLong)$/.test(instruction.form.name)) return { length: encoding.length, text: unnamed(encoding) };
  const { length, form } = instruction;
  const plain = mnemonic(form.name, encoding);
  const name = byPredicate(plain, instruction.immediateLow) ?? plain;
  const text = name === "endbr64" || name === "pause" ? "" : operands(instruction, encoding, at + length);
  return { length, text: `${prefixText(encoding, name)}${text ? `${name.padEnd(6)} ${text}` : name}` };
}
/** The instruction's name alone, as for a report. */
export const mnemonicOf = (bytes: Uint8Array): string =>
  disassemble(bytes, 0)
    .text.replace(/^((lock|notrack|data16|cs|rep|repz|repnz) )+/, "")
    .split(" ")[0]!;
