// The processor that CPUID describes, by the level that the guest was given. It is ours, not the host's, so that a log means the same everywhere.

interface Answer {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
}
const word = (text: string, at: number): number => [0, 1, 2, 3].reduce((all, i) => all | ((text.charCodeAt(at + i) || 0) << (8 * i)), 0);
const bits = (...numbers: number[]): number => numbers.reduce((all, bit) => all | (1 << bit), 0);

/** The levels of the x86-64 psABI (System V ABI, AMD64 supplement, 3.1.1). */
export const cpuLevels = ["x86-64-v1", "x86-64-v2", "x86-64-v3"] as const;
export type CpuLevel = (typeof cpuLevels)[number];
/** What a log reports that names none. */
export const DEFAULT_LEVEL: CpuLevel = "x86-64-v1";

const VENDOR = "ChronixCPU64";
const BRAND = "Chronix virtual x86-64 processor";
const NONE: Answer = { eax: 0, ebx: 0, ecx: 0, edx: 0 };

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
const numberOf = (level: CpuLevel): number => cpuLevels.indexOf(level) + 1;
const featuresOf = (level: CpuLevel): readonly Feature[] => features.filter(feature => feature.level <= numberOf(level));
const wordOf = (level: CpuLevel, word: Feature["word"]): number => bits(...featuresOf(level).flatMap(feature => (feature.word === word ? [feature.bit] : [])));
/** In the order of /proc/cpuinfo, which does not tell of OSXSAVE. */
export const featureNames = (level: CpuLevel): readonly string[] => featuresOf(level).flatMap(({ name }) => (name === "osxsave" ? [] : [name]));
/** AT_HWCAP: EDX of leaf 1 (arch/x86/include/asm/elf.h). */
export const hardwareCapabilities = (level: CpuLevel): number => wordOf(level, "1.edx") >>> 0;
/** AT_HWCAP2: bit 1 says that RDFSBASE and its like may be used. */
export const moreCapabilities = (level: CpuLevel): number => (featuresOf(level).some(({ name }) => name === "fsgsbase") ? 2 : 0);

const brandWords = (part: number): Answer => ({
  eax: word(BRAND, part * 16),
  ebx: word(BRAND, part * 16 + 4),
  ecx: word(BRAND, part * 16 + 8),
  edx: word(BRAND, part * 16 + 12),
});
/** The area of XSAVE: x87, SSE and AVX. */
const stateAreas = (level: CpuLevel, part: number): Answer => {
  if (numberOf(level) < 3) return NONE;
  if (part === 0) return { eax: 7, ebx: 832, ecx: 832, edx: 0 };
  if (part === 1) return { ...NONE, eax: wordOf(level, "d1.eax"), ebx: 832 };
  // The upper halves of the vectors: 256 bytes at 576.
  return part === 2 ? { ...NONE, eax: 256, ebx: 576 } : NONE;
};
/** Deterministic cache parameters: what a small processor of today has. Data, instructions, unified. */
const caches = (part: number): Answer => {
  const cache = (type: number, depth: number, ways: number, sets: number): Answer => ({
    eax: type | (depth << 5) | (1 << 8),
    ebx: 63 | ((ways - 1) << 22),
    ecx: sets - 1,
    edx: 0,
  });
  return [cache(1, 1, 8, 64), cache(2, 1, 8, 64), cache(3, 2, 8, 1024)][part] ?? NONE;
};

/** The first level says no more than it did before there were others, so that old logs are what they were. */
const MOST_LEAF: Readonly<Record<CpuLevel, number>> = { "x86-64-v1": 7, "x86-64-v2": 0xb, "x86-64-v3": 0xd };

const leaves = new Map<number, (level: CpuLevel, part: number) => Answer>([
  [0, level => ({ eax: MOST_LEAF[level], ebx: word(VENDOR, 0), edx: word(VENDOR, 4), ecx: word(VENDOR, 8) })],
  // Family 15, model 0; cache lines of 64 bytes, one logical processor.
  [1, level => ({ eax: 0xf00, ebx: level === "x86-64-v1" ? 0x800 : 0x1_0800, ecx: wordOf(level, "1.ecx"), edx: wordOf(level, "1.edx") })],
  [4, (level, part) => (level === "x86-64-v1" ? NONE : caches(part))],
  [7, (level, part) => (part === 0 ? { eax: 0, ebx: wordOf(level, "7.ebx"), ecx: wordOf(level, "7.ecx"), edx: wordOf(level, "7.edx") } : NONE)],
  // One thread, one core.
  [0xb, (level, part) => (level === "x86-64-v1" ? NONE : part < 2 ? { eax: 0, ebx: 1, ecx: part | ((part + 1) << 8), edx: 0 } : { ...NONE, ecx: part })],
  [0xd, stateAreas],
  [0x8000_0000, () => ({ ...NONE, eax: 0x8000_0008 | 0 })],
  [0x8000_0001, level => ({ ...NONE, ecx: wordOf(level, "80000001.ecx"), edx: wordOf(level, "80000001.edx") })],
  [0x8000_0002, () => brandWords(0)],
  [0x8000_0003, () => brandWords(1)],
  [0x8000_0004, () => brandWords(2)],
  // 48 bits of virtual and of physical address.
  [0x8000_0008, () => ({ ...NONE, eax: 0x3030 })],
]);
export const cpuid = (level: CpuLevel, leaf: number, part: number): Answer => leaves.get(leaf >>> 0)?.(level, part) ?? NONE;
