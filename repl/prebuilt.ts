// The interpreter's module as the build left it beside the bundle; without a build it is generated when a machine starts, which takes a tenth of a second.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "interpreter.wasm");
export function prebuiltInterpreter(): { readonly interpreter?: Uint8Array<ArrayBuffer> } {
  return existsSync(FILE) ? { interpreter: readFileSync(FILE) } : {};
}
