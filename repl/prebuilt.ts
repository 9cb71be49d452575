// The interpreter's module as the build left it beside the bundle, and the machine code that V8 once made of it; without a build it is generated when a machine starts, which takes a tenth of a second.
// V8's optimising compiler takes 150 ms of processor time for the loop, as much as a short run: so its code is kept, as that of the bundles is (code-cache.ts). Node has no name for that. V8's own tests have,
// and what they call is there in the versions that are named here; in another the code is made anew by each run, when it pays.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { KeptCode } from "./kept-code.ts";

const FILE = join(import.meta.dirname, "interpreter.wasm");
/** Where the functions below take what they are given here: elsewhere they would end the process. */
const TRIED = /^13\.6\./;
/** What every program needs. Of the others V8 makes code when they are first called. */
const NEEDED = ["run", "decodeBlock", "refill", "locate", "link", "registerOperand", "openFlags", "closeFlags"];

interface Natives {
  tierUp(exported: unknown): void;
  serialize(module: WebAssembly.Module): ArrayBuffer;
  /** Undefined where the code is of another V8, or another processor's. */
  deserialize(code: ArrayBuffer, bytes: Uint8Array): WebAssembly.Module | undefined;
}
/** `null`: not here. */
let known: Natives | null | undefined;
function natives(): Natives | null {
  if (known === undefined) known = TRIED.test(process.versions.v8) ? namedNatives() : null;
  return known;
}
function namedNatives(): Natives | null {
  setFlagsFromString("--allow-natives-syntax");
  try {
    return {
      tierUp: new Function("exported", "%WasmTierUpFunction(exported)") as Natives["tierUp"],
      serialize: new Function("module", "return %SerializeWasmModule(module)") as Natives["serialize"],
      deserialize: new Function("code", "bytes", "return %DeserializeWasmModule(code, bytes)") as Natives["deserialize"],
    };
  } catch {
    return null; // Whoever started Node forbids code from text.
  } finally {
    setFlagsFromString("--no-allow-natives-syntax");
  }
}

export interface Prebuilt {
  readonly interpreter?: Uint8Array<ArrayBuffer>;
  readonly optimised?: WebAssembly.Module;
}
export function prebuiltInterpreter(): Prebuilt {
  if (!existsSync(FILE)) return {};
  const interpreter = readFileSync(FILE);
  const kept = new KeptCode(FILE).read();
  const optimised = kept && natives()?.deserialize(Uint8Array.from(kept.code).buffer, interpreter);
  return { interpreter, ...(optimised ? { optimised } : {}) };
}
/** For the runs after this one, which had to do without. It takes a fifth of a second. */
export function keepInterpreter({ interpreter, optimised }: Prebuilt): void {
  const v8 = optimised || !interpreter ? null : natives();
  if (!interpreter || !v8) return;
  new KeptCode(FILE).write(() => {
    const module = new WebAssembly.Module(interpreter);
    const { exports } = new WebAssembly.Instance(module, { m: { memory: new WebAssembly.Memory({ initial: 1024, maximum: 65_536 }) } });
    for (const name of NEEDED) v8.tierUp(exports[name]);
    return Buffer.from(v8.serialize(module));
  });
}
