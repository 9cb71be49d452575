// String instructions. One iteration is one tick, whether done alone or many at once; with RCX zero a repeated one is one tick too.
import { ofDifference } from "../flags.ts";
import { memoryPlace } from "../operands.ts";
import { RAX, RCX, RDI, RSI, type Tier } from "../tier.ts";
import { copyMemory, i32, i64, select, type Value, wrap } from "../wasm/value.ts";
import { atWidth, widths } from "../width.ts";
import { EVERY_WIDTH, type Row, type Rows } from "./row.ts";

const Q = widths[64];
const PAGE = 4096;
const pointer = (tier: Tier, number: number): Value<"i64"> => tier.code.let(tier.register(number).read(Q));
const isDown = (tier: Tier): Value<"i32"> => i32.and(wrap(tier.readField("rflags")), i32.constant(0x400));
const advance = (tier: Tier, bytes: number, ...numbers: number[]): void => {
  const step = tier.code.let(select(isDown(tier), i64.constant(-bytes), i64.constant(bytes)));
  for (const number of numbers) tier.register(number).write(Q, i64.add(tier.register(number).read(Q), step));
};

/** One iteration. The flags it sets decide whether a comparing repetition goes on: answered as whether the operands were equal. */
type Iteration = (tier: Tier, bits: 8 | 16 | 32 | 64) => Value<"i32"> | undefined;

const movs: Iteration = (tier, bits) =>
  atWidth(bits, w => {
    const source = memoryPlace(tier, pointer(tier, RSI), w, "read");
    const target = memoryPlace(tier, pointer(tier, RDI), w, "write");
    target.write(source.read());
    advance(tier, bits / 8, RSI, RDI);
    return undefined;
  });
const stos: Iteration = (tier, bits) =>
  atWidth(bits, w => {
    memoryPlace(tier, pointer(tier, RDI), w, "write").write(tier.register(RAX).read(w));
    advance(tier, bits / 8, RDI);
    return undefined;
  });
const lods: Iteration = (tier, bits) =>
  atWidth(bits, w => {
    tier.register(RAX).write(w, memoryPlace(tier, pointer(tier, RSI), w, "read").read());
    advance(tier, bits / 8, RSI);
    return undefined;
  });
const scas: Iteration = (tier, bits) =>
  atWidth(bits, w => {
    const [a, b] = [tier.code.let(tier.register(RAX).read(w)), tier.code.let(memoryPlace(tier, pointer(tier, RDI), w, "read").read())];
    tier.setFlags(ofDifference(w, a, b, tier.code.let(w.signed(w.int.sub(a, b)))));
    advance(tier, bits / 8, RDI);
    return tier.code.let(w.int.eq(a, b));
  });
const cmps: Iteration = (tier, bits) =>
  atWidth(bits, w => {
    // RDI first: where both fault, the processor that this is compared with tells of that one.
    const right = memoryPlace(tier, pointer(tier, RDI), w, "read");
    const left = memoryPlace(tier, pointer(tier, RSI), w, "read");
    const [a, b] = [tier.code.let(left.read()), tier.code.let(right.read())];
    tier.setFlags(ofDifference(w, a, b, tier.code.let(w.signed(w.int.sub(a, b)))));
    advance(tier, bits / 8, RSI, RDI);
    return tier.code.let(w.int.eq(a, b));
  });

const single = (iteration: Iteration): Row => ({ shapes: [""], widths: EVERY_WIDTH, define: (tier, _, bits) => void iteration(tier, bits) });

/** `whole` may do several iterations at once, and answers how many ticks it spent; it must leave none undone that it counts. */
const repeated = (iteration: Iteration, untilEqual?: boolean, whole?: (tier: Tier, bytes: number) => void): Row => ({
  shapes: [""],
  widths: EVERY_WIDTH,
  define: (tier, _, bits) => {
    const count = tier.register(RCX);
    tier.code.if(i64.ne(count.read(Q), i64.constant(0)), () => {
      whole?.(tier, bits / 8);
      const isEqual = iteration(tier, bits);
      count.write(Q, i64.sub(count.read(Q), i64.constant(1)));
      const isMore = i64.ne(count.read(Q), i64.constant(0));
      const goesOn = isEqual === undefined ? isMore : i32.and(isMore, untilEqual ? i32.eqz(isEqual) : isEqual);
      tier.code.if(goesOn, () => tier.again());
    });
  },
});

/** How many iterations besides the last can be done at once: within the budget, the count, and the pages. */
function atOnce(tier: Tier, bytes: number, pointers: readonly Value<"i64">[]): Value<"i32"> {
  const { code } = tier;
  const least = (a: Value<"i32">, b: Value<"i32">) => code.let(select(i32.ltU(a, b), a, b));
  const inPage = (at: Value<"i64">) =>
    code.let(i32.shrU(i32.sub(i32.constant(PAGE), i32.and(wrap(at), i32.constant(PAGE - 1))), i32.constant(Math.log2(bytes))));
  const left = code.let(i64.sub(tier.register(RCX).read(Q), i64.constant(1)));
  const counted = code.let(wrap(select(i64.ltU(left, i64.constant(PAGE)), left, i64.constant(PAGE))));
  return pointers.map(inPage).reduce(least, least(counted, code.let(tier.ticksLeft())));
}
function skip(tier: Tier, bytes: number, n: Value<"i32">, ...numbers: number[]): void {
  const wide = tier.code.let(widths[32].widenUnsigned(n));
  for (const number of numbers) tier.register(number).write(Q, i64.add(tier.register(number).read(Q), i64.mul(wide, i64.constant(bytes))));
  tier.register(RCX).write(Q, i64.sub(tier.register(RCX).read(Q), wide));
  tier.spend(n);
}
const FEWEST = 4;
function moveWhole(tier: Tier, bytes: number): void {
  const { code } = tier;
  const [source, target] = [pointer(tier, RSI), pointer(tier, RDI)];
  const n = atOnce(tier, bytes, [source, target]);
  code.if(i32.and(i32.gtU(n, i32.constant(FEWEST)), i32.eqz(isDown(tier))), () => {
    const [from, to] = [tier.translate(source, bytes, "read"), tier.translate(target, bytes, "write")];
    const length = code.let(i32.mul(n, i32.constant(bytes)));
    // A target that begins inside the source repeats what it has just written: those go one by one.
    code.if(i32.geU(i32.sub(to, from), length), () => {
      code.do(copyMemory(to, from, length));
      skip(tier, bytes, n, RSI, RDI);
    });
  });
}
function storeWhole(tier: Tier, bytes: number): void {
  const { code } = tier;
  const target = pointer(tier, RDI);
  const n = atOnce(tier, bytes, [target]);
  code.if(i32.and(i32.gtU(n, i32.constant(FEWEST)), i32.eqz(isDown(tier))), () => {
    const to = tier.translate(target, bytes, "write");
    const at = code.temporary("i32");
    const end = code.let(i32.add(to, i32.mul(n, i32.constant(bytes))));
    at.set(to);
    const value = code.let(tier.register(RAX).read(Q));
    code.loop(start => {
      code.do(i64.store((bytes * 8) as 8 | 16 | 32 | 64, at, value));
      at.set(i32.add(at, i32.constant(bytes)));
      code.if(i32.ltU(at, end), () => code.br(start));
    });
    skip(tier, bytes, n, RDI);
  });
}

export const strings: Rows = {
  movs: single(movs),
  stos: single(stos),
  lods: single(lods),
  scas: single(scas),
  cmps: single(cmps),
  repmovs: repeated(movs, undefined, moveWhole),
  repstos: repeated(stos, undefined, storeWhole),
  replods: repeated(lods),
  repescas: repeated(scas, false),
  repnescas: repeated(scas, true),
  repecmps: repeated(cmps, false),
  repnecmps: repeated(cmps, true),
};
