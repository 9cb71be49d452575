// The interpreter's module as the build left it beside the bundle, and the machine code that V8 once made of it; without a build it is generated when a machine starts, which takes a tenth of a second.
// V8's optimising compiler takes 150 ms of processor time for the loop, as much as a short run: so its code is kept, as that of the bundles is (code-cache.ts);
// where V8 cannot be asked for that (v8-natives.ts) the code is made anew by each run, when it pays.
import { existsSync, readFileSync } from "node:fs";
import { crossingBytes } from "../engine/cpu/region/crossing-module.ts";
import { emptyRegionsTable, instantiateCrossing } from "../engine/cpu/region/regions-table.ts";
import { KeptCode } from "./kept-code.ts";
import { type Natives, natives } from "./v8-natives.ts";

export const INTERPRETER_FILE = `${import.meta.dirname}/interpreter.wasm`;
/** What every program needs. Of the others V8 makes code when they are first called, 25 us each, but for those that programs have been seen to need. */
const NEEDED = ["run", "decodeBlock", "refill", "locate", "link", "registerOperand", "trace", "decodeStarts", "entryToPut", "openFlags", "closeFlags"];
/** Of the interpreter's table; a program needs some hundred. Those that the last ones needed are kept. */
const MOST_COLD = 512;

export interface Prebuilt {
  readonly interpreter?: Uint8Array<ArrayBuffer>;
  readonly optimised?: WebAssembly.Module;
  readonly crossing?: () => WebAssembly.Module | undefined;
}
export function prebuiltInterpreter(): Prebuilt {
  if (!existsSync(INTERPRETER_FILE)) return {};
  const interpreter = readFileSync(INTERPRETER_FILE);
  const [loop, crossing] = file().read()?.parts ?? [];
  const optimised = loop && natives()?.deserialize(loop, interpreter);
  return { interpreter, ...(optimised ? { optimised } : {}), ...(crossing ? { crossing: () => natives()?.deserialize(crossing, crossingBytes()) } : {}) };
}
const file = () => new KeptCode(INTERPRETER_FILE);
/** For the runs after this one, which had to do without. It takes a fifth of a second. */
export function keepInterpreter({ interpreter, optimised }: Prebuilt): void {
  const v8 = optimised || !interpreter ? null : natives();
  if (v8) file().write(() => machineCode(v8, interpreter!, new Uint16Array()));
}
/** That a program has needed: from now on their code is kept too, if it is not. */
export function keepColdFunctions(places: readonly number[]): void {
  const v8 = natives();
  const kept = file().read()?.parts[2];
  if (!v8 || !kept) return;
  const known = new Uint16Array(kept.buffer, 0, kept.length >> 1);
  const all = new Set([...places, ...known]);
  if (all.size === known.length) return;
  file().write(() => machineCode(v8, readFileSync(INTERPRETER_FILE), Uint16Array.from([...all].slice(0, MOST_COLD))));
}
/** In the order in which the file has it: the interpreter's, with these of its table, the crossing's, and the places in the table. */
function machineCode(v8: Natives, bytes: Uint8Array<ArrayBuffer>, cold: Uint16Array): readonly Uint8Array[] {
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65_536 });
  const interpreter = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(interpreter, { m: { memory } });
  for (const name of NEEDED) v8.tierUp(exports[name]);
  const table = exports.table as WebAssembly.Table;
  // The file may be damaged where its checksum does not look.
  for (const place of cold) if (place < table.length) v8.tierUp(table.get(place));
  const crossing = new WebAssembly.Module(crossingBytes());
  for (const crossed of Object.values(instantiateCrossing(crossing, memory, emptyRegionsTable()))) v8.tierUp(crossed);
  return [v8.serialize(interpreter), v8.serialize(crossing), new Uint8Array(cold.buffer, cold.byteOffset, cold.byteLength)];
}
