// What V8 makes while its garbage is bounded, it takes in a run where it is not, and the other way round; and its young generation comes to the bound and no further.
import { getHeapSpaceStatistics } from "node:v8";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { boundGarbage, unboundGarbage } from "../../repl/garbage.ts";
import { natives } from "../../repl/v8-natives.ts";

/** Since the process began, as `boundGarbage` is told; collections save memory in the first seconds of a minute. */
const LONG = 50_000;
const SAVING = 60_000;
const MIB = 2 ** 20;
/** One function, `f`, that answers 7. */
const bytes = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 7, 11]);
function machineCode(): Uint8Array<ArrayBuffer> {
  const module = new WebAssembly.Module(bytes);
  natives()!.tierUp(new WebAssembly.Instance(module).exports.f);
  return natives()!.serialize(module);
}
test("machine code made under one bound is taken under the other", () => {
  if (!natives()) return; // Nothing is kept under this V8.
  boundGarbage(SAVING);
  const bounded = machineCode();
  unboundGarbage();
  assert.instance(natives()!.deserialize(bounded, bytes), WebAssembly.Module);
  const unbounded = machineCode();
  boundGarbage(SAVING);
  assert.instance(natives()!.deserialize(unbounded, bytes), WebAssembly.Module);
  unboundGarbage();
});

/** Of so much a half goes on living, which is what makes the young generation grow: when as much has lived on as it holds. */
const living: object[] = [];
function litter(objects: number): void {
  for (let i = 0; i < objects; i++) living[i % (objects / 2)] = { i, list: [i] };
}
const youngBytes = (): number => getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")!.space_size;
function mostYoung(bound: () => void, objects: number): number {
  let most = 0;
  for (let round = 0; round < 150; round++) {
    bound();
    litter(objects);
    most = Math.max(most, youngBytes());
  }
  return most;
}
test("the young generation comes to its bound, and no further", () => {
  // Little enough between two looks that it cannot double three times.
  const most = mostYoung(() => boundGarbage(LONG), 40_000);
  unboundGarbage();
  assert.ok(most >= 16 * MIB && most <= 32 * MIB, `${most / MIB} MiB`);
  assert.ok(mostYoung(() => boundGarbage(0), 200_000) > 32 * MIB, "A run of moments has what V8 gives it.");
});
test.run();
