// The interpreter's module as the build left it beside the bundle; without a build it is generated when a machine starts, which takes a tenth of a second.
import { existsSync, readFileSync } from "node:fs";

const FILE = new URL("./interpreter.wasm", import.meta.url);
export function prebuiltInterpreter(): { readonly interpreter?: Uint8Array<ArrayBuffer> } {
  return existsSync(FILE) ? { interpreter: readFileSync(FILE) } : {};
}
