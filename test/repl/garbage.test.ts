// What V8 makes while its garbage is bounded, it takes in a run where it is not, and the other way round.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { boundGarbage, unboundGarbage } from "../../repl/garbage.ts";
import { natives } from "../../repl/v8-natives.ts";

/** One function, `f`, that answers 7. */
const bytes = Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 7, 11]);
function machineCode(): Uint8Array<ArrayBuffer> {
  const module = new WebAssembly.Module(bytes);
  natives()!.tierUp(new WebAssembly.Instance(module).exports.f);
  return natives()!.serialize(module);
}
test("machine code made under one bound is taken under the other", () => {
  if (!natives()) return; // Nothing is kept under this V8.
  boundGarbage(0);
  const bounded = machineCode();
  unboundGarbage();
  assert.instance(natives()!.deserialize(bounded, bytes), WebAssembly.Module);
  const unbounded = machineCode();
  boundGarbage(0);
  assert.instance(natives()!.deserialize(unbounded, bytes), WebAssembly.Module);
  unboundGarbage();
});
test.run();
