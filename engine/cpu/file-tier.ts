// What every tier does alike: the fields of the register file that are no operands lie in linear memory while a task runs.
import { layout } from "../memory/layout.ts";
import { fileOffset } from "./register-file.ts";
import type { Field, FloatPlaces, HalfField } from "./tier.ts";
import type { Func } from "./wasm/func.ts";
import { i32, i64, loadHalf, type Value } from "./wasm/value.ts";

const ZERO = i32.constant(0);
const TOP_SHIFT = 11;
export const bitAt = (physical: Value<"i32">): Value<"i32"> => i32.shl(i32.constant(1), physical);

export abstract class FileTier {
  abstract readonly code: Func;

  readField(field: Field): Value<"i64"> {
    return i64.load(64, ZERO, layout.registers + fileOffset[field]);
  }
  writeField(field: Field, value: Value<"i64">): void {
    this.code.do(i64.store(64, ZERO, value, layout.registers + fileOffset[field]));
  }
  readHalf(field: HalfField): Value<"i32"> {
    return loadHalf(ZERO, layout.registers + fileOffset[field]);
  }
  writeHalf(field: HalfField, value: Value<"i32">): void {
    this.code.do(i32.store(16, ZERO, value, layout.registers + fileOffset[field]));
  }
  x87Place(physical: Value<"i32">): Value<"i32"> {
    return i32.add(i32.shl(physical, i32.constant(4)), i32.constant(layout.registers + fileOffset.x87));
  }
  floatPlaces(): FloatPlaces {
    const top = this.code.let(this.floatTop());
    const physical = (place: Value<"i32">) => i32.and(i32.add(top, place), i32.constant(7));
    return { at: place => this.x87Place(physical(place)), bit: place => bitAt(physical(place)), turned() {} };
  }
  /** The physical number of ST(0) (SDM vol. 1, 8.1.2). */
  protected floatTop(): Value<"i32"> {
    return i32.and(i32.shrU(this.readHalf("x87Status"), i32.constant(TOP_SHIFT)), i32.constant(7));
  }
}
