// Moving data between registers and memory: as it is, widened, or on a condition.
import { conditions } from "../flags.ts";
import { memoryPlace, operand } from "../operands.ts";
import { RAX, RBX, RDX, type Tier } from "../tier.ts";
import { type Bits, extendU, i32, i64, select } from "../wasm/value.ts";
import { atWidth, type Width, widths } from "../width.ts";
import { EVERY_WIDTH, type Row, type Rows, simple, WORD_WIDTHS } from "./row.ts";

const Q = widths[64];

/** `from` bits of the source become the whole target. */
const widening = (from: 8 | 16 | 32, isSigned: boolean, targets: readonly Bits[] = WORD_WIDTHS): Row => ({
  shapes: ["rr", "rm"],
  widths: targets,
  define: (tier, shape, bits) =>
    atWidth(bits, w => {
      const source = widths[from];
      const value = operand(tier, shape, 1, source).read();
      operand(tier, shape, 0, w, "write").write(w.narrow(isSigned ? source.widen(value) : source.widenUnsigned(value)));
    }),
});

const conditional: Rows = Object.fromEntries(
  conditions.flatMap(([name, holds]): [string, Row][] => [
    [
      `cmov${name}`,
      {
        shapes: ["rr", "rm"],
        widths: WORD_WIDTHS,
        define: (tier, shape, bits) =>
          atWidth(bits, w => {
            const target = operand(tier, shape, 0, w, "write");
            target.write(select(holds(tier.flags()), operand(tier, shape, 1, w).read(), target.read()));
          }),
      },
    ],
    [
      `set${name}`,
      {
        shapes: ["r", "m"],
        widths: [8],
        define: (tier, shape) => operand(tier, shape, 0, widths[8], "write").write(holds(tier.flags())),
      },
    ],
  ]),
);
/** The accumulator's lower half becomes the whole. */
const extend = (from: Width<"i32">, to: Bits): Row =>
  simple(tier => atWidth(to, w => tier.register(RAX).write(w, w.narrow(from.widen(tier.register(RAX).read(from))))));
/** The accumulator's sign becomes all of RDX. */
const spread = (bits: Bits): Row =>
  simple(tier => atWidth(bits, w => tier.register(RDX).write(w, w.int.shrS(tier.register(RAX).read(w), w.int.constant(bits - 1)))));

/** XLAT. `m`: the segment's base. */
const tableLookup = (isAddress32: boolean): Row => ({
  shapes: ["", "m"],
  widths: [64],
  define(tier: Tier, shape) {
    const index = extendU(i32.and(tier.register(RAX).read(widths[32]), i32.constant(0xff)));
    const sum = i64.add(tier.register(RBX).read(Q), index);
    const offset = isAddress32 ? i64.and(sum, i64.constant(0xffff_ffff)) : sum;
    const address = tier.code.let(shape === "m" ? i64.add(tier.address(), offset) : offset);
    tier.register(RAX).write(widths[8], memoryPlace(tier, address, widths[8], "read").read());
  },
});

export const moves: Rows = {
  mov: {
    shapes: ["rr", "ri", "rm", "mr", "mi"],
    widths: EVERY_WIDTH,
    define: (tier, shape, bits) => atWidth(bits, w => operand(tier, shape, 0, w, "write").write(operand(tier, shape, 1, w).read())),
  },
  lea: {
    shapes: ["rm"],
    widths: WORD_WIDTHS,
    define: (tier, _, bits) => atWidth(bits, w => tier.operandRegister(0).write(w, w.narrow(tier.address()))),
  },
  movzx8: widening(8, false),
  movzx16: widening(16, false),
  movsx8: widening(8, true),
  movsx16: widening(16, true),
  movsxd: widening(32, true),
  cbw: extend(widths[8], 16),
  cwde: extend(widths[16], 32),
  cdqe: extend(widths[32], 64),
  cwd: spread(16),
  cdq: spread(32),
  cqo: spread(64),
  xlat: tableLookup(false),
  xlat32: tableLookup(true),
  nop: simple(() => {}),
  ...conditional,
};
