// CRC32 of SSE4.2 (SDM vol. 2, CRC32): the polynomial 11EDC6F41, bits reflected, one bit after another.
import { operand } from "../operands.ts";
import type { Tier } from "../tier.ts";
import { i32, i64, wrap } from "../wasm/value.ts";
import { widths } from "../width.ts";
import type { Row, Rows } from "./row.ts";

const POLYNOMIAL = 0x82f6_3b78;
const [D, Q] = [widths[32], widths[64]];

/** The source has `from` bits. The target has 32, or 64 with REX.W, of which a source of 16 or 32 has none and one of 64 always. */
const crc32 = (from: 8 | 16 | 32 | 64, targets: Row["widths"]): Row => ({
  shapes: ["rr", "rm"],
  widths: targets,
  define(tier: Tier, shape) {
    const { code } = tier;
    const narrow = from === 64 ? widths[32] : widths[from];
    const data = code.let(from === 64 ? operand(tier, shape, 1, Q).read() : narrow.widenUnsigned(operand(tier, shape, 1, narrow).read()));
    const target = tier.operandRegister(0);
    const [rest, left] = [code.temporary("i64"), code.temporary("i32")];
    rest.set(i64.xor(D.widenUnsigned(target.read(D)), data));
    left.set(i32.constant(from));
    code.loop(start => {
      const isOdd = i64.sub(i64.constant(0), i64.and(rest, i64.constant(1)));
      rest.set(i64.xor(i64.shrU(rest, i64.constant(1)), i64.and(isOdd, i64.constant(POLYNOMIAL))));
      left.set(i32.sub(left, i32.constant(1)));
      code.if(left, () => code.br(start));
    });
    target.write(D, wrap(rest));
  },
});
export const checksums: Rows = { crc32b: crc32(8, [32, 64]), crc32w: crc32(16, [32]), crc32d: crc32(32, [32]), crc32q: crc32(64, [64]) };
