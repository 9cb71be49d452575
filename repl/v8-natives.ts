// Functions of V8's that Node has no name for: V8's own tests have them, to keep what V8 made of a WebAssembly module. They are there in the versions that are named here; in another, nothing is kept of it.
import { setFlagsFromString } from "node:v8";
import { asAtFirst } from "./garbage.ts";

/** Where the functions below take what they are given here: elsewhere they would end the process. */
const TRIED = /^13\.6\./;
export interface Natives {
  tierUp(exported: unknown): void;
  /** Whether V8's optimising compiler has made the function's code. */
  isOptimised(exported: unknown): boolean;
  /** Of a module of which something is optimised. */
  serialize(module: WebAssembly.Module): ArrayBuffer;
  /** Undefined where the code is of another V8, or another processor's. */
  deserialize(code: ArrayBuffer, bytes: Uint8Array): WebAssembly.Module | undefined;
}
/** `null`: not here. */
let known: Natives | null | undefined;
export function natives(): Natives | null {
  if (known === undefined) known = TRIED.test(process.versions.v8) ? namedNatives() : null;
  return known;
}
function namedNatives(): Natives | null {
  try {
    const serialize: Native = named("SerializeWasmModule", "module");
    const deserialize: Native = named("DeserializeWasmModule", "code", "bytes");
    return {
      tierUp: named("WasmTierUpFunction", "exported"),
      isOptimised: named("IsTurboFanFunction", "exported"),
      serialize: module => asAtFirst(() => serialize(module)),
      deserialize: (code, bytes) => asAtFirst(() => deserialize(code, bytes)),
    };
  } catch {
    return null; // Whoever started Node forbids code from text.
  }
}
type Native = (...all: readonly unknown[]) => never;
function named(name: string, ...parameters: readonly string[]): Native {
  const make = (): Native => {
    setFlagsFromString("--allow-natives-syntax");
    try {
      return new Function(...parameters, `return %${name}(${parameters.join()})`) as Native;
    } finally {
      setFlagsFromString("--no-allow-natives-syntax");
    }
  };
  let made = make();
  return (...all) => {
    try {
      return made(...all);
    } catch (error) {
      // V8 forgets the code of functions that are seldom called, and reads them again.
      if (!(error instanceof SyntaxError)) throw error;
      made = make();
      return made(...all);
    }
  };
}
