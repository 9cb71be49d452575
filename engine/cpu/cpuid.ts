// The processor that CPUID describes: x86-64 of the first level, and CMPXCHG16B. It is ours, not the host's, so that a log means the same everywhere.

interface Answer {
  readonly eax: number;
  readonly ebx: number;
  readonly ecx: number;
  readonly edx: number;
}
const word = (text: string, at: number): number => [0, 1, 2, 3].reduce((all, i) => all | ((text.charCodeAt(at + i) || 0) << (8 * i)), 0);
const bits = (...numbers: number[]): number => numbers.reduce((all, bit) => all | (1 << bit), 0);

/** A name of our own would be the honest one; but glibc reads the features of no processor whose maker it does not know (sysdeps/x86/cpu-features.c), and then refuses to start. */
const VENDOR = "AuthenticAMD";
const BRAND = "Chronix virtual x86-64 processor";
const NONE: Answer = { eax: 0, ebx: 0, ecx: 0, edx: 0 };
/** FPU TSC CX8 CMOV MMX FXSR SSE SSE2 and CLFLUSH. */
const FEATURES = bits(0, 4, 8, 15, 19, 23, 24, 25, 26);
/** CMPXCHG16B. */
const FEATURES_ECX = bits(13);
/** SYSCALL, no-execute, RDTSCP, long mode. */
const EXTENDED = bits(11, 20, 27, 29);
const brandWords = (part: number): Answer => ({
  eax: word(BRAND, part * 16),
  ebx: word(BRAND, part * 16 + 4),
  ecx: word(BRAND, part * 16 + 8),
  edx: word(BRAND, part * 16 + 12),
});

const leaves = new Map<number, Answer>([
  [0, { eax: 7, ebx: word(VENDOR, 0), edx: word(VENDOR, 4), ecx: word(VENDOR, 8) }],
  // Family 15, model 0; cache lines of 64 bytes.
  [1, { eax: 0xf00, ebx: 0x800, ecx: FEATURES_ECX, edx: FEATURES }],
  [0x8000_0000, { ...NONE, eax: 0x8000_0008 | 0 }],
  // LAHF in 64 bits.
  [0x8000_0001, { ...NONE, ecx: 1, edx: EXTENDED }],
  [0x8000_0002, brandWords(0)],
  [0x8000_0003, brandWords(1)],
  [0x8000_0004, brandWords(2)],
  // Caches, which glibc sizes its copying by: 64 KiB of data and of code; 512 KiB and 16 MiB behind them; lines of 64 bytes (AMD APM volume 3, E.4.4, E.4.5).
  [0x8000_0005, { ...NONE, ecx: 0x4002_0140, edx: 0x4002_0140 }],
  [0x8000_0006, { ...NONE, ecx: 0x0200_8140, edx: 0x0080_8140 }],
  // 48 bits of virtual and of physical address.
  [0x8000_0008, { ...NONE, eax: 0x3030 }],
]);
export const cpuid = (leaf: number): Answer => leaves.get(leaf >>> 0) ?? NONE;
