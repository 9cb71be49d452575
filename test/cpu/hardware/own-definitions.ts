// Instructions whose result is ours by decision, or not the same on every host: what of them is not compared, and why.
import { readFileSync } from "node:fs";
import { fileOffset } from "../../../engine/cpu/register-file.ts";

/** `all`: not executed. `target`: the register that is written, as wide as it is written, and CF. `close`: lanes of the target need only be near. `x87`: numbers of x87 need only be neighbours. Else words of the register file, with the bits. */
export type Ignored = "all" | "x87" | "target" | "close" | ReadonlyMap<number, number>;
interface Own {
  /** Of "name shape bits". */
  readonly forms: RegExp;
  readonly ignore: Ignored;
  readonly why: string;
}
/** Low halves of general registers. */
const low = (...registers: readonly number[]): ReadonlyMap<number, number> => new Map(registers.map(number => [2 * number, -1]));
const [RAX, RCX, RDX, RBX] = [0, 1, 2, 3] as const;
const OUR_COMPONENTS = 7;

const description = readFileSync("/proc/cpuinfo", "utf8");
/** Linux answers for SGDT and its kin only where the processor refuses them. */
const hasUmip = /^flags\s*:.* umip\b/m.test(description);
const has3DNow = /^flags\s*:.* 3dnow\b/m.test(description);
/** The native side then stays there, as ours does. */
const hasFirstProcessor = /^Cpus_allowed_list:\s*0\b/m.test(readFileSync("/proc/self/status", "utf8"));
const isVirtual = /^flags\s*:.* hypervisor\b/m.test(description);
const isAmd = /AuthenticAMD|HygonGenuine/.test(description);

export const ownDefinitions: readonly Own[] = [
  { forms: /^cpuid /, ignore: low(RAX, RBX, RCX, RDX), why: "describes this machine; the upper halves are compared" },
  { forms: /^rdtscp? /, ignore: low(RAX, RDX), why: "this machine's time; the upper halves are compared" },
  {
    forms: /^xgetbv /,
    ignore: new Map([[2 * RAX, ~OUR_COMPONENTS]]),
    why: "this machine has more components of state than x87, SSE and AVX; those are compared",
  },
  {
    forms: /^rd(rand|seed) /,
    ignore: "target",
    why: "a random number; what stays of the register and the flags but CF are compared",
  },
  {
    forms: /^v?r(cp|sqrt)[ps]s /,
    ignore: "close",
    why: "an approximation, which every processor makes in its own way: its error is bounded, and compared as that",
  },
  {
    forms: /^(fsin|fcos|fsincos|fptan|fpatan|f2xm1|fyl2x|fyl2xp1) /,
    ignore: "x87",
    why: "the last place of transcendental functions is not the same in all processors, and so C1 and PE: the result must be a neighbour",
  },
  {
    forms: /^syscall /,
    ignore: new Map([
      [2 * RAX, -1],
      [2 * RAX + 1, -1],
    ]),
    why: "the host's kernel answers in RAX",
  },
  ...(has3DNow ? [] : ([{ forms: /^femms /, ignore: "all", why: "only AMD's older processors have 3DNow!; it does what EMMS does" }] as const)),
  ...(hasFirstProcessor
    ? []
    : ([{ forms: /^(rdpid|rdtscp|lsl) /, ignore: "all", why: "they tell the processor's number, and this is not the first" }] as const)),
  ...(hasUmip
    ? []
    : ([{ forms: /^(sldt|str|smsw|sgdt|sidt) /, ignore: "all", why: "without UMIP the processor itself answers, with the host's addresses" }] as const)),
  ...(isAmd && isVirtual ? ([{ forms: /^int1 /, ignore: "all", why: "some hypervisors on AMD's processors stop at INT1 instead of behind it" }] as const) : []),
  ...(isAmd
    ? ([
        {
          forms: /^((jmp|call)Far m|load[A-Z]sFar rm) 64$/,
          ignore: "all",
          why: "AMD's processors know no far pointer with an offset of 64 bits (APM vol. 3, JMP (Far), LFS), Intel's and ours do",
        },
      ] as const)
    : []),
];
export const ownDefinition = (form: string): Own | undefined => ownDefinitions.find(({ forms }) => forms.test(form));
if (fileOffset.general !== 0) throw new Error("The words of the general registers are counted from the file's start.");
