// Computed jumps of a region find their blocks, in a table that is small however far these lie apart.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { JumpTable } from "../../engine/cpu/region/jump-table.ts";
import { Func, type Label } from "../../engine/cpu/wasm/func.ts";
import { moduleBytes } from "../../engine/cpu/wasm/module.ts";
import { i32 } from "../../engine/cpu/wasm/value.ts";

const OUT_OF_REACH = 1_000_001;
const NOWHERE = 1_000_002;
/** What a region makes of a table, as a function: from an address to the number of the block that it leads to. */
function lookUpIn(table: JumpTable, targets: readonly number[]): (rip: bigint) => number {
  const code = new Func(["i64"]);
  const rip = code.param("i64", 0);
  const way = code.local("i32");
  code.block(unknown => {
    const nest = (count: number, blocks: readonly Label[]): void => {
      if (count > 0) {
        code.block(here => nest(count - 1, [...blocks, here]));
        code.return(i32.constant(targets.length - count));
        return;
      }
      const labelOf = (target: number) => blocks[targets.indexOf(target)]!;
      code.block(nowhere => {
        table.find(code, rip, slot => {
          way.set(slot);
          table.place(code, rip, labelOf, nowhere, slots => code.brTable(way, slots, nowhere));
        });
        code.br(unknown);
      });
      code.return(i32.constant(NOWHERE));
    };
    nest(targets.length, []);
  });
  code.result(i32.constant(OUT_OF_REACH));
  const bytes = moduleBytes({ functions: [code], exports: { lookUp: 0 } });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { m: { memory: new WebAssembly.Memory({ initial: 1, maximum: 65_536 }) } });
  const lookUp = exports.lookUp as (rip: bigint) => number;
  return address => lookUp(address);
}
const spread = (count: number, step: (i: number) => number) => Array.from({ length: count }, (_, i) => 0x7fff_f7a0_1234 + step(i));

for (const [what, targets] of [
  ["five cases in a row", spread(5, i => 7 * i)],
  ["a switch over 16 KiB", spread(60, i => (i * i * 37) % 16_384)],
  ["two hundred at even distances", spread(200, i => 64 * i)],
  ["functions all over a library", spread(90, i => (i * 0x9_1337) % 0x200_0000)],
] as const) {
  test(`${what}: each is found, and nothing else`, () => {
    const table = new JumpTable(targets);
    const { size } = new Set(targets);
    assert.ok(table.slots.length <= Math.max(512, 4 * size), `${table.slots.length} slots for ${size}`);
    assert.ok(Math.max(...table.slots.map(slot => slot.length)) <= 4);
    const lookUp = lookUpIn(table, targets);
    const known = new Set(targets);
    const lowest = Math.min(...targets);
    for (const rip of targets) assert.is(lookUp(BigInt(rip)), targets.indexOf(rip));
    for (let rip = lowest - 300; rip < lowest + 3000; rip++) if (!known.has(rip)) assert.ok(lookUp(BigInt(rip)) >= OUT_OF_REACH);
    // The lowest 32 bits are not all that counts.
    for (const away of [2n ** 32n, 2n ** 40n, -(2n ** 33n)]) assert.is(lookUp(BigInt(lowest) + away), OUT_OF_REACH);
  });
}
test("what lies too far from the lowest is left out", () => {
  const [low, near, far] = [0x40_1000, 0x40_1010, 0x7fff_0000_1000];
  const table = new JumpTable([low, far, near]);
  assert.equal(table.slots.flat().sort(), [low, near]);
});
test("no address makes no slot", () => assert.equal(new JumpTable([]).slots, []));

test.run();
