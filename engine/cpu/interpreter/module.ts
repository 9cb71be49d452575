// The interpreter's module as bytes, which may be kept in a file: a build does so, and then nothing of this is loaded.
import { layout } from "../../memory/layout.ts";
import { type FlagWords, flagWords, ofBits, STATUS_BITS, toBits } from "../flags.ts";
import { fileOffset } from "../register-file.ts";
import { Func } from "../wasm/func.ts";
import { type DataPart, moduleBytes } from "../wasm/module.ts";
import { call, i32, i64, type Value } from "../wasm/value.ts";
import { buildRoutines } from "../x87/library.ts";
import { routineNames } from "../x87/routine.ts";
import { ColdTier } from "./cold-tier.ts";
import { decodeBlock, decodeStarts, entryToPut, link, registerOperand } from "./decoding.ts";
import { functionIndex, routineIndex } from "./functions.ts";
import { HotTier } from "./hot-tier.ts";
import { coldForms } from "./operations.ts";
import { trace } from "./tracing.ts";
import { locate, refill } from "./translation.ts";

const ZERO = i32.constant(0);
const RFLAGS = layout.registers + fileOffset.rflags;

function openFlags(): Func {
  const code = new Func([], []);
  const bits = code.let(i64.load(64, ZERO, RFLAGS));
  const flags = ofBits(bits);
  flagWords.forEach((word, i) => void code.do(i64.store(64, ZERO, flags[word], layout.flags + 8 * i)));
  code.do(i64.store(64, ZERO, i64.and(bits, i64.constant(~STATUS_BITS)), RFLAGS));
  return code;
}
function closeFlags(): Func {
  const code = new Func([], []);
  const load = (i: number) => code.let(i64.load(64, ZERO, layout.flags + 8 * i));
  const flags: FlagWords = { result: load(0), augend: load(1), addend: load(2), sum: load(3) };
  code.do(i64.store(64, ZERO, i64.or(i64.load(64, ZERO, RFLAGS), toBits(flags)), RFLAGS));
  return code;
}

/** `data`: what is put into the memory of each instance. */
export function interpreterBytes(data: readonly DataPart[] = []): Uint8Array<ArrayBuffer> {
  const { routines: _routines, cold: _cold, ...functions } = functionIndex;
  const callRefill = (...operands: readonly Value<"i32" | "i64">[]) => call("i32", functionIndex.refill, operands);
  const cold = coldForms().map(form => new ColdTier(functionIndex.locate).build(form));
  return moduleBytes({
    functions: [
      refill(callRefill),
      locate(callRefill),
      openFlags(),
      closeFlags(),
      new HotTier(functionIndex.refill, functionIndex.decodeBlock).build(),
      registerOperand(),
      link(),
      decodeBlock(),
      trace(functionIndex.run),
      decodeStarts(),
      entryToPut(),
      ...buildRoutines(functionIndex.routines).map(({ code }) => code),
      ...cold,
    ],
    exports: {
      ...functions,
      ...Object.fromEntries(routineNames.map(name => [name, routineIndex(name)])),
    },
    table: cold.map((_, i) => functionIndex.cold + i),
    data,
  });
}
