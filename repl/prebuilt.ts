// The interpreter's module as the build left it beside the bundle, and the machine code that V8 once made of it; without a build it is generated when a machine starts, which takes a tenth of a second.
// V8's optimising compiler takes 150 ms of processor time for the loop, as much as a short run: so its code is kept, as that of the bundles is (code-cache.ts);
// where V8 cannot be asked for that (v8-natives.ts) the code is made anew by each run, when it pays.
import { existsSync, readFileSync } from "node:fs";
import { KeptCode } from "./kept-code.ts";
import { natives } from "./v8-natives.ts";

export const INTERPRETER_FILE = `${import.meta.dirname}/interpreter.wasm`;
/** What every program needs. Of the others V8 makes code when they are first called. */
const NEEDED = ["run", "decodeBlock", "refill", "locate", "link", "registerOperand", "trace", "decodeStarts", "openFlags", "closeFlags"];

export interface Prebuilt {
  readonly interpreter?: Uint8Array<ArrayBuffer>;
  readonly optimised?: WebAssembly.Module;
}
export function prebuiltInterpreter(): Prebuilt {
  if (!existsSync(INTERPRETER_FILE)) return {};
  const interpreter = readFileSync(INTERPRETER_FILE);
  const kept = new KeptCode(INTERPRETER_FILE).read();
  const optimised = kept && natives()?.deserialize(kept.parts[0]!, interpreter);
  return { interpreter, ...(optimised ? { optimised } : {}) };
}
/** For the runs after this one, which had to do without. It takes a fifth of a second. */
export function keepInterpreter({ interpreter, optimised }: Prebuilt): void {
  const v8 = optimised || !interpreter ? null : natives();
  if (!interpreter || !v8) return;
  new KeptCode(INTERPRETER_FILE).write(() => {
    const module = new WebAssembly.Module(interpreter);
    const { exports } = new WebAssembly.Instance(module, { m: { memory: new WebAssembly.Memory({ initial: 1024, maximum: 65_536 }) } });
    for (const name of NEEDED) v8.tierUp(exports[name]);
    return [v8.serialize(module)];
  });
}
