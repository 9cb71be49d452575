// Names as other disassemblers write them, where the rows of semantics/ have another: one row serves many an opcode, and one name many a row.
import { table } from "../semantics/table.ts";
import type { Encoding } from "./encoding.ts";
import { PREFIX } from "./prefix.ts";

/** By row. What follows a space are operands that the encoding leaves unsaid. */
const byRow: Readonly<Record<string, string>> = {
  movzx8: "movzx",
  movzx16: "movzx",
  movsx8: "movsx",
  movsx16: "movsx",
  mulPair: "mul",
  imulPair: "imul",
  jmpTo: "jmp",
  callTo: "call",
  retTaking: "ret",
  retfTaking: "retf",
  ...Object.fromEntries(
    ["Cs", "Ds", "Es", "Fs", "Gs", "Ss"].flatMap(name => [
      [`mov${name}To`, "mov"],
      [`movTo${name}`, "mov"],
      [`push${name}`, "push"],
      [`pop${name}`, "pop"],
      [`load${name}Far`, `l${name.toLowerCase()}`],
    ]),
  ),
  jmpFar: "jmp",
  callFar: "call",
  fldenvShort: "fldenvw",
  fnstenvShort: "fnstenvw",
  fnsaveShort: "fnsavew",
  frstorShort: "frstorw",
  movsdVector: "movsd",
  sar: "sar",
  xlat: "xlat",
  pushf: "pushf",
  ...Object.fromEntries(["rol", "ror", "rcl", "rcr", "shl", "shr", "sar", "shld", "shrd"].map(name => [`${name}cl`, name])),
  fldExtended: "fld",
  fldRegister: "fld",
  fstpExtended: "fstp",
  fstRegister: "fst",
  fstpRegister: "fstp",
  ...Object.fromEntries(
    ["fadd", "fmul", "fsub", "fsubr", "fdiv", "fdivr", "fcom", "fcomp"].flatMap(name => [
      [`${name}Top`, name],
      [`${name}Other`, name],
    ]),
  ),
  jrcxz: "jrcxz",
  movntdq: "movntdq",
};
const [P66, PF3, PF2] = [PREFIX[0x66], PREFIX[0xf3], PREFIX[0xf2]];
/** By prefix and opcode, as in opcodes.ts. */
const byOpcode = new Map<number, string>([
  [P66 | 0x0f10, "movupd"],
  [P66 | 0x0f11, "movupd"],
  [P66 | 0x0f12, "movlpd"],
  [P66 | 0x0f13, "movlpd"],
  [P66 | 0x0f16, "movhpd"],
  [P66 | 0x0f17, "movhpd"],
  [0x0f14, "unpcklps"],
  [P66 | 0x0f14, "unpcklpd"],
  [0x0f15, "unpckhps"],
  [P66 | 0x0f15, "unpckhpd"],
  [P66 | 0x0f28, "movapd"],
  [P66 | 0x0f29, "movapd"],
  [0x0f2b, "movntps"],
  [P66 | 0x0f2b, "movntpd"],
  ...(["and", "andn", "or", "xor"] as const).flatMap((name, i): [number, string][] => [
    [0x0f54 + i, `${name}ps`],
    [P66 | (0x0f54 + i), `${name}pd`],
  ]),
  [P66 | 0x0f6f, "movdqa"],
  [PF3 | 0x0f6f, "movdqu"],
  [P66 | 0x0f7f, "movdqa"],
  [PF3 | 0x0f7f, "movdqu"],
  [P66 | 0x0fe7, "movntdq"],
  [0x0fc3, "movnti"],
  [PF2 | 0x0ff0, "lddqu"],
  [P66 | 0x0f382a, "movntdqa"],
  [0x0f0d, "prefetchw"],
]);
/** By the opcode and ModRM.reg. */
const byGroup = new Map<number, readonly string[]>([
  [0x0f18, ["prefetchnta", "prefetcht0", "prefetcht1", "prefetcht2"]],
  [0x0fae, ["", "", "", "", "", "lfence", "mfence", "sfence"]],
]);
const flags: Readonly<Record<string, string>> = { z: "e", nz: "ne" };
const onCondition = /^(j|set|cmov)(n?z)$/;
const repeated = /^(repe|repne|rep)(movs|stos|lods|scas|cmps)$/;
const repetitions: Readonly<Record<string, string>> = { rep: "rep", repe: "repz", repne: "repnz" };

const keyOf = ({ prefixes, map, opcode }: Encoding): number => {
  const last = prefixes.findLast(prefix => prefix === 0xf2 || prefix === 0xf3) ?? (prefixes.includes(0x66) ? 0x66 : undefined);
  const mandatory = last === 0xf2 ? PF2 : last === 0xf3 ? PF3 : last === 0x66 ? P66 : 0;
  return mandatory | (map === 1 ? opcode : map === 2 ? 0x0f00 | opcode : 0x0f_0000 | ((map === 3 ? 0x38 : 0x3a) << 8) | opcode);
};
const byByte: Readonly<Record<number, string>> = {
  108: "ins",
  109: "ins",
  110: "outs",
  111: "outs",
  205: "int",
  228: "in",
  229: "in",
  230: "out",
  231: "out",
  236: "in",
  237: "in",
  238: "out",
  239: "out",
  244: "hlt",
  250: "cli",
  251: "sti",
};
const WORD = 0x66;
const shifts = ["rol", "ror", "rcl", "rcr", "shl", "shr", "shl", "sar"] as const;
const SHLD = 0xa4;

export function mnemonic(name: string, encoding: Encoding): string {
  if (!encoding.vex) return legacyMnemonic(name, encoding);
  const { prefix, isLong } = encoding.vex;
  if (name === "vzero") return isLong ? "vzeroall" : "vzeroupper";
  // What has no legacy form has its own name, and its opcode may be another's without VEX.
  return isDerived(name) ? `v${legacyMnemonic(name.slice(1), { ...encoding, prefixes: prefix ? [prefix] : [] })}` : name;
}
/** Made of a row without VEX. */
const isDerived = (name: string): boolean => name.startsWith("v") && name.slice(1) in table;
function legacyMnemonic(row: string, encoding: Encoding): string {
  // Rows of the prefix 67.
  const name = row.replace(/^(jrcxz|loop\w*?|(?:rep\w*?)?(?:movs|stos|lods|scas|cmps)|xlat|maskmov\w+?)32$/, "$1");
  if (row === "jrcxz32") return "jecxz";
  const key = keyOf(encoding);
  // A shift by zero is another row.
  if (name === "touch") return shifts[((encoding.modrm ?? 0) >> 3) & 7]!;
  if (name === "touch2") return encoding.opcode === SHLD ? "shld" : "shrd";
  if (name === "privileged") return byByte[encoding.opcode] ?? "privileged";
  if (name === "nop" && encoding.map === 1) {
    if (encoding.prefixes.includes(0xf3)) return "pause";
    return encoding.prefixes.includes(WORD) ? "xchg" : "nop";
  }
  if (key === (PF3 | 0x0f1e)) return encoding.modrm === 0xfa ? "endbr64" : "nop";
  const isRegister = (encoding.modrm ?? 0) >= 0xc0;
  if (isRegister && key === 0x0f12) return "movhlps";
  if (isRegister && key === 0x0f16) return "movlhps";
  if (/^(movd|movdMmx|pinsrd|pextrd)$/.test(name) && encoding.rex & 8) return name.replace(/d(Mmx)?$/, "q");
  if (key === 0x0fe7) return "movntq";
  if (name === "mov" && encoding.map === 1 && encoding.opcode >= 0xa0 && encoding.opcode < 0xc0 && (encoding.opcode < 0xa4 || encoding.rex & 8))
    return encoding.opcode < 0xa4 || encoding.opcode >= 0xb8 ? "movabs" : "mov";
  const grouped = byGroup.get(key & 0xff_ffff)?.[((encoding.modrm ?? 0) >> 3) & 7];
  if (grouped && (key & 0xffff) === key && (key !== 0x0fae || isRegister)) return grouped;
  if (/^(fxsave|fxrstor|xsave|xsavec|xsaveopt|xrstor)$/.test(name)) return encoding.rex & 8 ? `${name}64` : name;
  if (name === "clflush" && encoding.prefixes.includes(WORD)) return ((encoding.modrm ?? 0) & 0x38) === 0x30 ? "clwb" : "clflushopt";
  if (name === "iret") return encoding.rex & 8 ? "iretq" : encoding.prefixes.includes(WORD) ? "iretw" : "iret";
  const repeat = repeated.exec(name);
  if (repeat) return `${repetitions[repeat[1]!]} ${repeat[2]}`;
  const condition = onCondition.exec(name);
  if (condition) return `${condition[1]}${flags[condition[2]!]}`;
  return byOpcode.get(key) ?? byRow[name] ?? name.replace(/(Mmx|Wide|To)$|(?<=^crc32)[bwdq]$/, "");
}
