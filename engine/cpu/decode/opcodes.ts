// The opcode map. A line is an opcode and what it is: a name and operands in the letters of the SDM, vol. 2, appendix A:
// E ModRM.rm, G ModRM.reg, M memory only, Z low bits of the opcode, A accumulator, I immediate, J relative target, O absolute address,
// S x87 stack register by ModRM.rm, V vector by ModRM.reg, W vector or memory by ModRM.rm, U vector only, X XMM0 unsaid, P MMX by ModRM.reg, Q MMX or memory by ModRM.rm, N MMX only, 1 the number one, K a second immediate byte, C and D a control and a debug register by ModRM.reg, ? a ModRM byte without meaning.
// Sizes: b 8 bits, w 16, d 32, q 64, v by prefix and REX.W, z as v but at most 32, y 32 or 64, f 64 but 16 by prefix; .b, .w and .v size an instruction without operands.
// Between slashes, one each for the eight values of ModRM.reg; after a bar, those for ModRM.mod = 3. Names with commas: without and with REX.W,
// or for 16, 32 and 64 bits. A minus is an opcode that does not exist.
import { conditions } from "../flags.ts";
import { mmxLines } from "./mmx-opcodes.ts";
import { PREFIX } from "./prefix.ts";
import { vectorExtensionLines } from "./vector-extension-opcodes.ts";
import { vectorLines } from "./vector-opcodes.ts";
import { vexLines } from "./vex-opcodes.ts";
import { x87ExactLines, x87Lines } from "./x87-opcodes.ts";

const P66 = PREFIX[0x66];
const PF3 = PREFIX[0xf3];
const PF2 = PREFIX[0xf2];

export type Line = readonly [opcode: number, what: string];
const group = (names: string, operands: string): string =>
  names
    .split("/")
    .map(name => (name === "-" ? name : `${name} ${operands}`))
    .join("/");
const eachOf = (first: number, last: number, what: string): Line[] => Array.from({ length: last - first + 1 }, (_, i) => [first + i, what]);

const basic = "add/or/adc/sbb/and/sub/xor/cmp";
const shift = "rol/ror/rcl/rcr/shl/shr/shl/sar";
const byCl = "rolcl/rorcl/rclcl/rcrcl/shlcl/shrcl/shlcl/sarcl";

const fromSegment = `${["Es", "Cs", "Ss", "Ds", "Fs", "Gs"].map(name => `mov${name}To Ev`).join("/")}/-/-`;

const oneByte: readonly Line[] = [
  ...basic
    .split("/")
    .flatMap((name, i): Line[] => ["Eb Gb", "Ev Gv", "Gb Eb", "Gv Ev", "Ab Ib", "Av Iz"].map((operands, form) => [i * 8 + form, `${name} ${operands}`])),
  ...eachOf(0x50, 0x57, "push Zf"),
  ...eachOf(0x58, 0x5f, "pop Zf"),
  [0x63, "movsxd Gv Ed"],
  [0x68, "push Iz .f"],
  [0x69, "imul Gv Ev Iz"],
  [0x6a, "push Ib .f"],
  [0x6b, "imul Gv Ev Ib"],
  ...eachOf(0x6c, 0x6f, "privileged"),
  ...conditions.map(([name], i): Line => [0x70 + i, `j${name} Jb`]),
  [0x80, group(basic, "Eb Ib")],
  [0x81, group(basic, "Ev Iz")],
  [0x83, group(basic, "Ev Ib")],
  [0x84, "test Eb Gb"],
  [0x85, "test Ev Gv"],
  [0x86, "xchg Eb Gb"],
  [0x87, "xchg Ev Gv"],
  [0x88, "mov Eb Gb"],
  [0x89, "mov Ev Gv"],
  [0x8a, "mov Gb Eb"],
  [0x8b, "mov Gv Ev"],
  [0x8c, fromSegment],
  [0x8d, "lea Gv Mv"],
  [0x8e, "movToEs Ew/-/movToSs Ew/movToDs Ew/movToFs Ew/movToGs Ew/-/-"],
  [0x8f, "pop Ef/-/-/-/-/-/-/-"],
  [0x90, "nop"],
  ...eachOf(0x91, 0x97, "xchg Zv Av"),
  [0x98, "cbw,cwde,cdqe"],
  [0x99, "cwd,cdq,cqo"],
  [0x9b, "fwait"],
  [0x9c, "pushf .f"],
  [0x9d, "popf .f"],
  [0x9e, "sahf"],
  [0x9f, "lahf"],
  [0xa0, "mov Ab Ob"],
  [0xa1, "mov Av Ov"],
  [0xa2, "mov Ob Ab"],
  [0xa3, "mov Ov Av"],
  [0xa8, "test Ab Ib"],
  [0xa9, "test Av Iz"],
  ...(
    [
      [0xa4, "movs", "repmovs", "repmovs"],
      [0xa6, "cmps", "repecmps", "repnecmps"],
      [0xaa, "stos", "repstos", "repstos"],
      [0xac, "lods", "replods", "replods"],
      [0xae, "scas", "repescas", "repnescas"],
    ] as const
  ).flatMap(([opcode, alone, equal, unequal]): Line[] =>
    [".b", ".v"].flatMap((size, i): Line[] => [
      [opcode + i, `${alone} ${size}`],
      [PF3 | (opcode + i), `${equal} ${size}`],
      [PF2 | (opcode + i), `${unequal} ${size}`],
    ]),
  ),
  ...eachOf(0xb0, 0xb7, "mov Zb Ib"),
  ...eachOf(0xb8, 0xbf, "mov Zv Iv"),
  [0xc0, group(shift, "Eb Ib")],
  [0xc1, group(shift, "Ev Ib")],
  [0xc2, "retTaking Iw"],
  [0xc3, "ret"],
  [0xc6, "mov Eb Ib/-/-/-/-/-/-/-"],
  [0xc7, "mov Ev Iz/-/-/-/-/-/-/-"],
  [0xc8, "enter Iw Kb .f"],
  [0xc9, "leave .f"],
  [0xcc, "int3"],
  [0xca, "retfTaking Iw .v"],
  [0xcb, "retf .v"],
  [0xcd, "int Ib"],
  [0xcf, "iret .v"],
  [0xd0, group(shift, "Eb 1b")],
  [0xd1, group(shift, "Ev 1b")],
  [0xd2, group(byCl, "Eb")],
  [0xd3, group(byCl, "Ev")],
  [0xd7, "xlat"],
  [0xe0, "loopne Jb"],
  [0xe1, "loope Jb"],
  [0xe2, "loop Jb"],
  [0xe3, "jrcxz Jb"],
  ...eachOf(0xe4, 0xe7, "privileged Ib"),
  [0xe8, "call Jd"],
  [0xe9, "jmp Jd"],
  [0xeb, "jmp Jb"],
  ...eachOf(0xec, 0xef, "privileged"),
  [0xf1, "int1"],
  [0xf4, "privileged"],
  [0xf5, "cmc"],
  [0xf6, "test Eb Ib/test Eb Ib/not Eb/neg Eb/mulPair Eb/imulPair Eb/div Eb/idiv Eb"],
  [0xf7, "test Ev Iz/test Ev Iz/not Ev/neg Ev/mulPair Ev/imulPair Ev/div Ev/idiv Ev"],
  [0xf8, "clc"],
  [0xf9, "stc"],
  [0xfa, "privileged"],
  [0xfb, "privileged"],
  [0xfc, "cld"],
  [0xfd, "std"],
  [0xfe, "inc Eb/dec Eb/-/-/-/-/-/-"],
  [0xff, "inc Ev/dec Ev/callTo Eq/callFar Mv/jmpTo Eq/jmpFar Mv/push Ef/-"],
];
const twoByte: readonly Line[] = [
  [0x0f00, "sldt Ev/str Ev/privileged ?/privileged ?/verr Ew/verw Ew/-/-"],
  [0x0f01, "sgdt M/sidt M/privileged ?/privileged ?/smsw Ev/-/privileged ?/privileged ?|-/-/-/-/smsw Ev/-/privileged ?/-"],
  [0x0f02, "lar Gv Ew"],
  [0x0f03, "lsl Gv Ew"],
  [0x0f05, "syscall"],
  ...eachOf(0x0f06, 0x0f09, "privileged"),
  [0x0f0b, "ud2"],
  [0x0f0d, "nop ?|-"],
  [0x0f0e, "femms"],
  ...eachOf(0x0f18, 0x0f1f, "nop ?"),
  [0x0f20, "privileged C"],
  [0x0f21, "privileged D"],
  [0x0f22, "privileged C"],
  [0x0f23, "privileged D"],
  [0x0f30, "privileged"],
  [0x0f31, "rdtsc"],
  [0x0f32, "privileged"],
  [0x0f33, "privileged"],
  [0x0f35, "privileged"],
  ...conditions.flatMap(([name], i): Line[] => [
    [0x0f40 + i, `cmov${name} Gv Ev`],
    [0x0f80 + i, `j${name} Jd`],
    [0x0f90 + i, `set${name} Eb`],
  ]),
  [0x0fa0, "pushFs .f"],
  [0x0fa1, "popFs .f"],
  [0x0fa2, "cpuid"],
  [0x0fa3, "bt Ev Gv"],
  [0x0fa4, "shld Ev Gv Ib"],
  [0x0fa5, "shldcl Ev Gv"],
  [0x0fa8, "pushGs .f"],
  [0x0fa9, "popGs .f"],
  [0x0fab, "bts Ev Gv"],
  [0x0fac, "shrd Ev Gv Ib"],
  [0x0fad, "shrdcl Ev Gv"],
  [0x0fae, "fxsave M/fxrstor M/ldmxcsr Md/stmxcsr Md/xsave M/xrstor M/xsaveopt M/clflush M|-/-/-/-/-/nop ?/nop ?/nop ?"],
  [P66 | 0x0fae, "-/-/-/-/-/-/clflush M/clflush M|-/-/-/-/-/-/-/-"],
  [PF3 | 0x0fae, "-/-/-/-/-/-/-/-|rdfsbase Ey/rdgsbase Ey/wrfsbase Ey/wrgsbase Ey/-/-/-/-"],
  [0x0faf, "imul Gv Ev"],
  [0x0fb0, "cmpxchg Eb Gb"],
  [0x0fb1, "cmpxchg Ev Gv"],
  [0x0fb2, "loadSsFar Gv M"],
  [0x0fb3, "btr Ev Gv"],
  [0x0fb4, "loadFsFar Gv M"],
  [0x0fb5, "loadGsFar Gv M"],
  [0x0fb6, "movzx8 Gv Eb"],
  [0x0fb7, "movzx16 Gv Ew"],
  [PF3 | 0x0fb8, "popcnt Gv Ev"],
  [0x0fb9, "ud2 ?"],
  [0x0fba, `-/-/-/-/${group("bt/bts/btr/btc", "Ev Ib")}`],
  [0x0fbb, "btc Ev Gv"],
  [0x0fbc, "bsf Gv Ev"],
  [PF3 | 0x0fbc, "tzcnt Gv Ev"],
  [0x0fbd, "bsr Gv Ev"],
  [PF3 | 0x0fbd, "lzcnt Gv Ev"],
  [0x0fbe, "movsx8 Gv Eb"],
  [0x0fbf, "movsx16 Gv Ew"],
  [0x0fc0, "xadd Eb Gb"],
  [0x0fc1, "xadd Ev Gv"],
  [0x0fc3, "mov My Gy"],
  [0x0fc7, "-/cmpxchg8b,cmpxchg16b Mq/-/privileged ?/xsavec M/privileged ?/-/-|-/-/-/-/-/-/rdrand Ev/rdseed Ev"],
  [PF3 | 0x0fc7, "-/cmpxchg8b,cmpxchg16b Mq/-/-/-/-/-/-|-/-/-/-/-/-/-/rdpid Eq"],
  ...eachOf(0x0fc8, 0x0fcf, "bswap Zy"),
  [0x0fff, "ud2 ?"],
  [0x0f38f0, "movbe Gv Mv"],
  [0x0f38f1, "movbe Mv Gv"],
  [P66 | 0x0f38f6, "adcx Gy Ey"],
  [PF3 | 0x0f38f6, "adox Gy Ey"],
];
/** Opcodes with a whole ModRM byte: these come first. */
const exactLines: readonly Line[] = [[0x0f01d0, "xgetbv"], [0x0f01d1, "privileged"], [0x0f01f8, "privileged"], [0x0f01f9, "rdtscp"], ...x87ExactLines];

/** With the prefix 66 the environment has 14 bytes. */
const shortEnvironments: readonly Line[] = x87Lines.map(
  ([opcode, what]): Line => [P66 | opcode, what.replace(/(fldenv|fnstenv|frstor|fnsave) M\b/g, "$1Short M")],
);

const prefixed: readonly Line[] = [...vectorLines(PREFIX), ...vectorExtensionLines(PREFIX), ...mmxLines(PREFIX)];
/** All of them. Plain data, which the build keeps instead of what makes it. */
export const opcodeLines: Readonly<Record<"whole" | "exact" | "vex", readonly Line[]>> & { readonly strict: readonly number[] } = {
  whole: [...oneByte, ...twoByte, ...x87Lines, ...shortEnvironments, ...prefixed],
  exact: exactLines,
  vex: vexLines,
  /** Opcodes whose prefixes are a part of them. MOVBE takes 66 as the operand size. */
  strict: [...new Set([...prefixed.map(([key]) => key % PREFIX[0x66]), 0x0fae, 0x0f38f6])].filter(opcode => opcode !== 0x0f38f0 && opcode !== 0x0f38f1),
};
