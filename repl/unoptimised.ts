// The switch of V8's optimising compiler for wasm. Left to itself V8 optimises the interpreter after some hundred instructions, in 150 ms of processor time and 12 MB, which a short run never gets back.
import { setFlagsFromString } from "node:v8";
import type { Unoptimised } from "../engine/cpu/interpreter/interpreter.ts";

/** Without dynamic tiering no count is kept in the code; without tier-up nothing is optimised at once instead. Functions are checked when they are first called: the module is our own. */
const SWITCHES = [
  ["--no-wasm-dynamic-tiering", "--wasm-dynamic-tiering"],
  ["--no-wasm-tier-up", "--wasm-tier-up"],
  ["--wasm-lazy-validation", "--no-wasm-lazy-validation"],
] as const;

export const unoptimised: Unoptimised = make => {
  for (const [set] of SWITCHES) setFlagsFromString(set);
  try {
    return make();
  } finally {
    for (const [, reset] of SWITCHES) setFlagsFromString(reset);
  }
};
