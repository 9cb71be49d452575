// The processor that CPUID describes, by the level that the guest was given. It is ours, not the host's, so that a log means the same everywhere.

import type { CpuLevel } from "../../events/kernel-event.ts";
import { featureWord, highestLeaf, levelNumber, OLDEST_LEVEL } from "../abi/constants/processor-features.ts";

interface Answer {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
}
const word = (text: string, at: number): number => [0, 1, 2, 3].reduce((all, i) => all | ((text.charCodeAt(at + i) || 0) << (8 * i)), 0);

/** A name of our own would be the honest one; but glibc reads the features of no processor whose maker it does not know (sysdeps/x86/cpu-features.c), and then refuses to start. */
const VENDOR = "AuthenticAMD";
const BRAND = "Chronix virtual x86-64 processor";
const NONE: Answer = { eax: 0, ebx: 0, ecx: 0, edx: 0 };

const brandWords = (part: number): Answer => ({
  eax: word(BRAND, part * 16),
  ebx: word(BRAND, part * 16 + 4),
  ecx: word(BRAND, part * 16 + 8),
  edx: word(BRAND, part * 16 + 12),
});
/** The area of XSAVE: x87, SSE and AVX. */
const stateAreas = (level: CpuLevel, part: number): Answer => {
  if (levelNumber(level) < 3) return NONE;
  if (part === 0) return { eax: 7, ebx: 832, ecx: 832, edx: 0 };
  if (part === 1) return { ...NONE, eax: featureWord(level, "d1.eax"), ebx: 832 };
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

const leaves = new Map<number, (level: CpuLevel, part: number) => Answer>([
  [0, level => ({ eax: highestLeaf(level), ebx: word(VENDOR, 0), edx: word(VENDOR, 4), ecx: word(VENDOR, 8) })],
  // Family 15, model 0; cache lines of 64 bytes, one logical processor.
  [1, level => ({ eax: 0xf00, ebx: level === OLDEST_LEVEL ? 0x800 : 0x1_0800, ecx: featureWord(level, "1.ecx"), edx: featureWord(level, "1.edx") })],
  [4, (level, part) => (level === OLDEST_LEVEL ? NONE : caches(part))],
  [7, (level, part) => (part === 0 ? { eax: 0, ebx: featureWord(level, "7.ebx"), ecx: featureWord(level, "7.ecx"), edx: featureWord(level, "7.edx") } : NONE)],
  // One thread, one core.
  [0xb, (level, part) => (level === OLDEST_LEVEL ? NONE : part < 2 ? { eax: 0, ebx: 1, ecx: part | ((part + 1) << 8), edx: 0 } : { ...NONE, ecx: part })],
  [0xd, stateAreas],
  [0x8000_0000, () => ({ ...NONE, eax: 0x8000_0008 | 0 })],
  [0x8000_0001, level => ({ ...NONE, ecx: featureWord(level, "80000001.ecx"), edx: featureWord(level, "80000001.edx") })],
  [0x8000_0002, () => brandWords(0)],
  [0x8000_0003, () => brandWords(1)],
  [0x8000_0004, () => brandWords(2)],
  // Caches, which glibc sizes its copying by: 64 KiB of data and of code; 512 KiB and 16 MiB behind them; lines of 64 bytes (AMD APM volume 3, E.4.4, E.4.5).
  [0x8000_0005, () => ({ ...NONE, ecx: 0x4002_0140, edx: 0x4002_0140 })],
  [0x8000_0006, () => ({ ...NONE, ecx: 0x0200_8140, edx: 0x0080_8140 })],
  // 48 bits of virtual and of physical address.
  [0x8000_0008, () => ({ ...NONE, eax: 0x3030 })],
]);
export const cpuid = (level: CpuLevel, leaf: number, part: number): Answer => leaves.get(leaf >>> 0)?.(level, part) ?? NONE;
