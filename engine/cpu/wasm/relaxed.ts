// WebAssembly's relaxed multiplication and addition rounds once or twice, as the host likes. Where it rounds once it is FMA itself, the same on all such hosts; where it does not, or is not there,
// FMA is made of other operations (sse/fused.ts). Both come to the same bits, so that only the time depends on the host.
import { Func } from "./func.ts";
import { moduleBytes } from "./module.ts";
import { i32, i64, type Value, v128 } from "./value.ts";
import { f32x4, f64x2, i64x2, repeated } from "./vector-lanes.ts";

/** Bits of the square of 1 + 2^-27, or of 1 + 2^-12, less what it is when rounded: nothing, if it was rounded before. */
const remainder = ({ mul, relaxedMadd }: typeof f64x2 | typeof f32x4, number: Value<"v128">, sign: Value<"v128">): Value<"i64"> =>
  i64x2.extract(0, relaxedMadd(number, number, v128.xor(mul(number, number), sign)));
const differs = (lanes: typeof f64x2 | typeof f32x4, bits: 32 | 64, number: bigint): Value<"i32"> =>
  i64.ne(remainder(lanes, repeated(number, bits), repeated(1n << BigInt(bits - 1), bits)), i64.constant(0));

function asked(): boolean {
  const code = new Func(["i32"]);
  code.result(i32.and(differs(f64x2, 64, 0x3ff0_0000_0200_0000n), differs(f32x4, 32, 0x3f80_0800n)));
  const bytes = moduleBytes({ functions: [code], exports: { rounded: 0 } });
  if (!WebAssembly.validate(bytes)) return false;
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
  const { rounded } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { memory } }).exports;
  return (rounded as (_: number) => number)(0) === 1;
}
let answer: boolean | undefined;
/** Whether `relaxedMadd` rounds once here. */
export function relaxedRoundsOnce(): boolean {
  answer ??= asked();
  return answer;
}
