// Functions of V8's that Node has no name for: V8's own tests have them, to keep what V8 made of a WebAssembly module. They are there in the versions that are named here; in another, nothing is kept of it.
// V8 reads their names only under a switch. What it has made of the text it takes without, so that is kept too: to set a switch takes node:v8, which loads all of Node's streams, 2 ms.
import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";
import { asAtFirst } from "./garbage.ts";
import { KeptCode } from "./kept-code.ts";

/** Where the functions below take what they are given here: elsewhere they would end the process. */
const TRIED = /^13\.6\./;
export interface Natives {
  tierUp(exported: unknown): void;
  /** Whether V8's optimising compiler has made the function's code. */
  isOptimised(exported: unknown): boolean;
  /** The code of a module of which something is optimised. */
  serialize(module: WebAssembly.Module): Uint8Array<ArrayBuffer>;
  /** Undefined where the code is of another V8, or another processor's. */
  deserialize(code: Uint8Array<ArrayBuffer>, bytes: Uint8Array): WebAssembly.Module | undefined;
}
/** In parentheses, so that V8 makes their code at once, and it is there to be kept. */
const TEXT = `({
  tierUp: (function (exported) { return %WasmTierUpFunction(exported); }),
  isOptimised: (function (exported) { return %IsTurboFanFunction(exported); }),
  serialize: (function (module) { return %SerializeWasmModule(module); }),
  deserialize: (function (code, bytes) { return %DeserializeWasmModule(code, bytes); }),
})`;

/** As V8's functions have them. */
interface Named extends Pick<Natives, "tierUp" | "isOptimised"> {
  serialize(module: WebAssembly.Module): ArrayBuffer;
  deserialize(code: ArrayBuffer, bytes: Uint8Array): WebAssembly.Module | undefined;
}
/** V8 takes the code as a buffer that holds nothing else. */
const wholeBuffer = (code: Uint8Array<ArrayBuffer>): ArrayBuffer => (code.length === code.buffer.byteLength ? code.buffer : Uint8Array.from(code).buffer);

/** `null`: not here. */
let known: Natives | null | undefined;
export function natives(): Natives | null {
  if (known === undefined) known = TRIED.test(process.versions.v8) ? namedNatives() : null;
  return known;
}
function namedNatives(): Natives | null {
  try {
    let there = asAtFirst(() => kept() ?? made());
    /** V8 forgets the code of functions that are seldom called, and reads them again. */
    const call = <T>(act: () => T): T => {
      try {
        return asAtFirst(act);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        there = asAtFirst(made);
        return asAtFirst(act);
      }
    };
    return {
      tierUp: exported => call(() => there.tierUp(exported)),
      isOptimised: exported => call(() => there.isOptimised(exported)),
      serialize: module => new Uint8Array(call(() => there.serialize(module))),
      deserialize: (code, bytes) => call(() => there.deserialize(wholeBuffer(code), bytes)),
    };
  } catch {
    return null; // This V8 reads no such names.
  }
}
const file = () => new KeptCode(process.execPath, { name: "-natives" });
function kept(): Named | undefined {
  const cachedData = file().read()?.parts[0];
  try {
    return cachedData && new Script(TEXT, { cachedData }).runInThisContext();
  } catch {
    return undefined; // It was refused, and the text read.
  }
}
function made(): Named {
  let script: Script;
  setFlagsFromString("--allow-natives-syntax");
  try {
    script = new Script(TEXT);
  } finally {
    setFlagsFromString("--no-allow-natives-syntax");
  }
  file().write(() => [script.createCachedData()]);
  return script.runInThisContext();
}
