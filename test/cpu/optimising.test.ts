// What V8's optimising compiler takes for the interpreter's loop: what it has taken in one large piece is what glibc then leaves lying, free, in every thread's arena.
import { execFileSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { interpreterBytes } from "../../engine/cpu/interpreter/module.ts";

const SCRIPT = `
const module = new WebAssembly.Module(require("node:fs").readFileSync(0));
const { exports } = new WebAssembly.Instance(module, { m: { memory: new WebAssembly.Memory({ initial: 1024, maximum: 65536 }) } });
%WasmTierUpFunction(exports.run);
console.log(require("node:v8").getHeapStatistics().peak_malloced_memory);
`;
test("the interpreter's loop is optimised within 25 MB", () => {
  const bytes = Number(execFileSync(process.execPath, ["--allow-natives-syntax", "-e", SCRIPT], { input: interpreterBytes(), encoding: "utf8" }));
  assert.ok(bytes > 1e6 && bytes < 25e6, `${(bytes / 1e6).toFixed(1)} MB`);
});

test.run();
