// Instructions with VEX as assembly text, made from patterns: a name and operands, alternatives by a bar.
// v a vector of either length and m memory of that length; x and y vectors of 16 and 32 bytes; m8 to m256 memory; r and rm a general register, or memory as well, of 32 and 64 bits;
// r32, r64; i an immediate; index memory for a gather by x or y.

const pointers: Readonly<Record<string, string>> = { m8: "BYTE", m16: "WORD", m32: "DWORD", m64: "QWORD", m128: "XMMWORD", m256: "YMMWORD" };
const narrow = ["eax", "ecx", "edx", "ebx"];
const wide = ["rax", "rcx", "rdx", "rbx"];
/** Registers of the low and of the high half, the target among the sources in the second. */
const choices = [
  [0, 1, 2, 3],
  [9, 2, 14, 7],
  [1, 1, 2, 1],
  [12, 3, 12, 12],
] as const;
const immediates = [0x00, 0x1b, 0xe4, 0x93, 0xff];

function operandText(kind: string, place: number, numbers: readonly number[], isLong: boolean, immediate: number): string {
  const number = numbers[place]!;
  if (kind === "v") return `${isLong ? "y" : "x"}mm${number}`;
  if (kind === "x" || kind === "y") return `${kind}mm${number}`;
  if (kind === "r32") return narrow[number & 3]!;
  if (kind === "r64") return wide[number & 3]!;
  if (kind === "i") return String(immediate);
  if (kind.startsWith("index")) return `[rsi+${kind.slice(5)}mm${number}*${1 << (immediate & 3)}+${immediate & 0x38}]`;
  const pointer = kind === "m" ? (isLong ? "YMMWORD" : "XMMWORD") : pointers[kind]!;
  return `${pointer} PTR ${number < 8 ? `[rsi+${number}]` : "[rsi+rdi*2-6]"}`;
}
/** Every combination of alternatives. */
const combinations = (lists: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  lists.reduce<readonly (readonly string[])[]>((all, list) => all.flatMap(one => list.map(last => [...one, last])), [[]]);

export function expand(pattern: string, isGather = false): readonly string[] {
  const [names = "", ...operands] = pattern.split(" ");
  const kinds = operands.map(operand => operand.split("|").map(kind => (kind === "r" ? "r32" : kind)));
  const variants = combinations(kinds).flatMap(list => (list.some(kind => /^(r32|rm)$/.test(kind)) && operands.some(o => /^r(m)?$|\br\b/.test(o)) ? [list, list.map(kind => (kind === "r32" ? "r64" : kind === "m32" ? "m64" : kind))] : [list]));
  return names.split(",").flatMap(name =>
    variants.flatMap(list => {
      const lengths = list.some(kind => kind === "v" || kind === "m") ? [false, true] : [false];
      return lengths.flatMap(isLong =>
        (isGather ? choices.slice(0, 2) : choices).flatMap((numbers, i) =>
          (list.includes("i") ? immediates.filter((_, j) => j === 0 || (j + i) % 2 === 0) : [i * 11]).map(immediate =>
            `${name} ${list.map((kind, place) => operandText(kind, place, numbers, isLong, immediate)).join(", ")}`.trim(),
          ),
        ),
      );
    }),
  );
}

export const general = [
  "andn r r r|m32",
  "blsr,blsmsk,blsi r r|m32",
  "bzhi,bextr r r|m32 r",
  "shlx,shrx,sarx r r|m32 r",
  "pdep,pext r r r|m32",
  "mulx r r r|m32",
  "rorx r r|m32 i",
];
