// Instructions whose result is ours by decision, not the host's: what of them is not compared, and why.

interface Own {
  readonly names: RegExp;
  /** `all`: not executed. */
  readonly ignore: "all" | "x87" | "rax";
  readonly why: string;
}
export const ownDefinitions: readonly Own[] = [
  { names: /^(cpuid|rdtsc|rdtscp|xgetbv|rdpid|rdrand|rdseed|rdpmc)$/, ignore: "all", why: "describes this machine or its time" },
  { names: /^v?r(cp|sqrt)[ps]s$/, ignore: "all", why: "an approximation, which every processor makes in its own way" },
  {
    names: /^(fsin|fcos|fsincos|fptan|fpatan|f2xm1|fyl2x|fyl2xp1)$/,
    ignore: "x87",
    why: "the last place of transcendental functions is not the same in all processors",
  },
  { names: /^syscall$/, ignore: "rax", why: "the host's kernel answers in RAX" },
];
export const ownDefinition = (name: string): Own | undefined => ownDefinitions.find(({ names }) => names.test(name));
