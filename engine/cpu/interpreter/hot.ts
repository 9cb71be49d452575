// Which forms are cases of the interpreter's switch: those that gcc -O2 code is made of. All others are functions of their own, compiled when first met.
import { conditions } from "../flags.ts";
import { allForms, type Form } from "../semantics/forms.ts";

const each = (names: string, shapes: string, widths: readonly number[]): string[] =>
  names.split(" ").flatMap(name => shapes.split(" ").flatMap(shape => widths.map(bits => `${name} ${shape === "-" ? "" : shape} ${bits}`)));
const named = (prefix: string): string => conditions.map(([name]) => prefix + name).join(" ");

const chosen = new Set([
  ...each("mov", "rr ri rm mr mi", [8, 32, 64]),
  ...each("mov", "mr", [16]),
  ...each("add sub and or xor cmp", "rr ri rm", [32, 64]),
  ...each("add sub cmp", "mr mi", [32, 64]),
  ...each("cmp", "rr ri rm mr mi", [8]),
  ...each("cmp", "ri mi mr", [16]),
  ...each("and or xor", "ri rr mi", [8]),
  ...each("and or", "mr mi", [32, 64]),
  ...each("test", "rr ri mi", [8, 32, 64]),
  ...each("adc sbb", "rr ri", [32, 64]),
  ...each("inc dec neg not", "r", [32, 64]),
  ...each("shl shr sar", "ri", [32, 64]),
  ...each("rol ror", "ri", [32, 64]),
  ...each("imul", "rr rm rri", [32, 64]),
  ...each("lea", "rm", [32, 64]),
  ...each("movzx8 movzx16 movsx8 movsx16", "rr rm", [32]),
  ...each("movsx8 movsx16", "rm", [64]),
  ...each("movsxd", "rr rm", [64]),
  ...each("cdqe cqo cdq nop leave ret jmp call jcxz", "-", [64]),
  ...each("push", "r i m", [64]),
  ...each("pop", "r", [64]),
  ...each("jmpTo callTo", "r m", [64]),
  ...each(named("j"), "-", [64]),
  ...each(named("cmov"), "rr", [32, 64]),
  ...each("setz setnz setb seta setbe setae setl setg setle setge", "r", [8]),
  ...each("movups movaps", "vv vm mv", [64]),
  ...each("movss movsdVector movq", "vm mv", [64]),
  ...each("pxor", "vv", [64]),
]);
const nameOf = ({ name, shape, bits }: Form): string => `${name} ${shape} ${bits}`;

/** By number. Plain data, as the next, which the build keeps instead of what makes it. */
export const hotNumbers: readonly number[] = allForms()
  .filter(form => chosen.has(nameOf(form)))
  .map(({ number }) => number);

const numbersOf = (names: readonly string[]): readonly number[] => {
  const byName = new Map(allForms().map(form => [nameOf(form), form.number]));
  return names.map(name => byName.get(name)!);
};
/**
 * Comparisons with the jump behind them as one case, which stands in the comparison's record: three in four jumps on a condition stand behind one of these (counted in python3, bash and libc).
 * `seconds`: the jumps. Comparisons of `all` go with each of them, those of `any` with the first `secondsOfAny`.
 */
export const pairs = {
  seconds: numbersOf(each("jz jnz jb jae jbe ja jl jge jle jg", "-", [64])),
  all: numbersOf(each("cmp", "rr ri", [32, 64])),
  any: numbersOf([...each("test", "rr", [8, 32, 64]), ...each("test", "mi", [8]), ...each("cmp", "ri", [8]), ...each("cmp", "mi", [8, 32, 64])]),
  secondsOfAny: 2,
};
