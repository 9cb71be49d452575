// What the guest's processor has, by the level that it was given: CPUID (engine/cpu/cpuid.ts), /proc/cpuinfo and the auxiliary vector all tell it from here.
import type { CpuLevel } from "../../../events/kernel-event.ts";

/** The levels of the x86-64 psABI (System V ABI, AMD64 supplement, 3.1.1). */
export const cpuLevels = ["x86-64-v1", "x86-64-v2", "x86-64-v3"] as const satisfies readonly CpuLevel[];
/** What a log means that names none: it must stay. */
export const OLDEST_LEVEL: CpuLevel = "x86-64-v1";
/** What a guest gets that asks for none. */
export const DEFAULT_LEVEL: CpuLevel = OLDEST_LEVEL;

const bits = (...numbers: number[]): number => numbers.reduce((all, bit) => all | (1 << bit), 0);
/** A feature as /proc/cpuinfo names it, where CPUID reports it, and from which level on. */
interface Feature {
  readonly name: string;
  readonly word: "1.edx" | "1.ecx" | "7.ebx" | "7.ecx" | "7.edx" | "d1.eax" | "80000001.edx" | "80000001.ecx";
  readonly bit: number;
  readonly level: 1 | 2 | 3;
}
const features: readonly Feature[] = (
  [
    [1, "1.edx", "fpu:0 tsc:4 cx8:8 cmov:15 clflush:19 mmx:23 fxsr:24 sse:25 sse2:26"],
    [1, "80000001.edx", "syscall:11 nx:20 rdtscp:27 lm:29"],
    [2, "1.ecx", "pni:0 pclmulqdq:1 ssse3:9"],
    [1, "1.ecx", "cx16:13"],
    [2, "1.ecx", "sse4_1:19 sse4_2:20 popcnt:23 aes:25 rdrand:30"],
    [3, "1.ecx", "fma:12 movbe:22 xsave:26 osxsave:27 avx:28 f16c:29"],
    [1, "80000001.ecx", "lahf_lm:0"],
    [3, "80000001.ecx", "abm:5"],
    [2, "80000001.ecx", "3dnowprefetch:8"],
    [2, "7.ebx", "fsgsbase:0 erms:9 rdseed:18 adx:19 clflushopt:23 clwb:24 sha_ni:29"],
    [3, "7.ebx", "bmi1:3 avx2:5 bmi2:8"],
    [2, "7.ecx", "rdpid:22"],
    [2, "7.edx", "fsrm:4"],
    [3, "d1.eax", "xsaveopt:0 xsavec:1 xgetbv1:2"],
  ] as const
).flatMap(([level, word, list]) =>
  list.split(" ").map((one): Feature => {
    const [name = "", bit] = one.split(":");
    return { name, word, bit: Number(bit), level };
  }),
);
export const levelNumber = (level: CpuLevel): number => cpuLevels.indexOf(level) + 1;
const featuresOf = (level: CpuLevel): readonly Feature[] => features.filter(feature => feature.level <= levelNumber(level));
export const featureWord = (level: CpuLevel, word: Feature["word"]): number =>
  bits(...featuresOf(level).flatMap(feature => (feature.word === word ? [feature.bit] : [])));
/** In the order of /proc/cpuinfo, which does not tell of OSXSAVE. */
export const highestLeaf = (level: CpuLevel): number => MOST_LEAF[level];
export const featureNames = (level: CpuLevel): readonly string[] => featuresOf(level).flatMap(({ name }) => (name === "osxsave" ? [] : [name]));
/** What a baseline processor has that is older than SSE3: what AT_HWCAP was when there was one level. */
const BASELINE = 0x078b_fbff;
/** AT_HWCAP: EDX of leaf 1 (arch/x86/include/asm/elf.h). */
export const hardwareCapabilities = (level: CpuLevel): number => (level === OLDEST_LEVEL ? BASELINE : featureWord(level, "1.edx") >>> 0);
/** AT_HWCAP2: bit 1 says that RDFSBASE and its like may be used. */
export const moreCapabilities = (level: CpuLevel): number => (featuresOf(level).some(({ name }) => name === "fsgsbase") ? 2 : 0);

/** The first level says no more than it did before there were others, so that old logs are what they were. */
const MOST_LEAF: Readonly<Record<CpuLevel, number>> = { "x86-64-v1": 7, "x86-64-v2": 0xb, "x86-64-v3": 0xd };
