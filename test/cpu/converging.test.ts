// Those that leave a funnel on the same way come together some at a time: each arrives where it would have, and V8's optimising compiler needs a part of the memory for it.
import { execFileSync } from "node:child_process";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Func } from "../../engine/cpu/wasm/func.ts";
import { moduleBytes } from "../../engine/cpu/wasm/module.ts";
import { i32 } from "../../engine/cpu/wasm/value.ts";

const PLACES = 900;
const WAYS = 3;
/** Each place within so many is one of its own convergence, which the places after it are within. */
const APART = 5;
const WORDS = 64;
const wayOf = (place: number): number => (place % 7 === 0 ? 1 : place % 50 === 3 ? 2 : 0);

/** From a place to where it leaves: its own number, and 1000 for each way. What is loaded on the way there is added up in between. */
function leaving(isConverging: boolean): Uint8Array<ArrayBuffer> {
  const code = new Func(["i32"]);
  const place = code.param("i32", 0);
  const left = code.local("i32");
  const sum = code.local("i32");
  const address = (n: number) => i32.and(i32.add(place, i32.constant(4 * n)), i32.constant(4 * WORDS - 4));
  code.funnel(
    leave => {
      const from = (n: number): void => {
        if (n === PLACES) {
          code.unreachable();
          return;
        }
        sum.set(i32.add(sum, i32.load(32, address(n), 0)));
        code.if(i32.eq(place, i32.add(i32.constant(n), i32.load(32, address(n), 4 * WORDS))), () => {
          left.set(i32.constant(n));
          leave(() => wayOf(n));
        });
        if (isConverging && n % APART === 0) code.converging(() => from(n + 1));
        else from(n + 1);
      };
      from(0);
    },
    () => Array.from({ length: WAYS }, (_, way) => () => left.set(i32.add(left, i32.constant(1000 * way)))),
  );
  code.result(i32.add(left, sum));
  return moduleBytes({ functions: [code], exports: { leave: 0 } });
}

for (const isConverging of [false, true])
  test(`${PLACES} places leave on their ways${isConverging ? ", converging" : ""}`, () => {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 65_536 });
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(leaving(isConverging)), { m: { memory } });
    const leave = exports.leave as (place: number) => number;
    for (let place = 0; place < PLACES; place++) assert.is(leave(place), place + 1000 * wayOf(place));
  });

const SCRIPT = `
const module = new WebAssembly.Module(require("node:fs").readFileSync(0));
const { exports } = new WebAssembly.Instance(module, { m: { memory: new WebAssembly.Memory({ initial: 1, maximum: 65536 }) } });
%WasmTierUpFunction(exports.leave);
console.log(require("node:v8").getHeapStatistics().peak_malloced_memory);
`;
const peakOf = (bytes: Uint8Array): number =>
  Number(execFileSync(process.execPath, ["--allow-natives-syntax", "-e", SCRIPT], { input: bytes, encoding: "utf8" }));
test("a converging funnel is optimised within a fifth of the memory", () => {
  const [converging, not] = [peakOf(leaving(true)), peakOf(leaving(false))];
  assert.ok(converging < not / 5, `${(converging / 1e6).toFixed(1)} MB, and without ${(not / 1e6).toFixed(1)}`);
});

test.run();
