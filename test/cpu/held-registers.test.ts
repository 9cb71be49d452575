// What a region loads where it is entered and stores where it is left; and what watching makes of every form.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { effectsOf } from "../../engine/cpu/region/effects.ts";
import { HeldRegisters } from "../../engine/cpu/region/held-registers.ts";
import { analyse, type Graph } from "../../engine/cpu/region/structure.ts";
import { kindOf } from "../../engine/cpu/region/watching.ts";
import { factsAt, rowNames } from "../../engine/cpu/semantics/facts.ts";
import { formOf } from "../../engine/cpu/semantics/forms.ts";

const heldOf = (graph: Graph): HeldRegisters => new HeldRegisters({ flow: analyse(graph), successors: graph });
const rax = { general: 0 };
const rcx = { general: 1 };
const xmm2 = { half: 4 };

test("a register is stored where it may have changed, and loaded where a way to such an exit leaves it alone", () => {
  // 0 to 1 and 2, both to 3.
  const held = heldOf([[1, 2], [3], [3], []]);
  held.read(0, rcx);
  const early = held.exit(0, false);
  held.write(1, rax, true);
  const late = held.exit(3, false);
  assert.equal(held.waysOut, [[], [rax]]);
  assert.equal([held.wayOf(early), held.wayOf(late)], [0, 1]);
  assert.equal(held.neededBy([0]), [rax, rcx]);
  assert.equal(held.neededBy([1]), []);
  assert.equal(held.neededBy([2]), [rax]);
});
test("what a loop changes at its end may have changed at its start", () => {
  const held = heldOf([[1], [2], [1]]);
  const exit = held.exit(1, false);
  held.write(2, xmm2, false);
  assert.equal(held.waysOut[held.wayOf(exit)], [xmm2]);
  assert.equal(held.neededBy([0]), [xmm2]);
});
test("an instruction that is done again leaves with what it changed the time before", () => {
  const held = heldOf([[]]);
  const since = held.exits;
  held.read(0, rcx);
  const exit = held.exit(0, false);
  held.write(0, rcx, true);
  held.repeat(0, since);
  assert.equal(held.waysOut[held.wayOf(exit)], [rcx]);
});
test("flags that an exit stores itself are not stored for it", () => {
  const held = heldOf([[]]);
  held.write(0, "flags", true);
  const [byItself, others] = [held.exit(0, true), held.exit(0, false)];
  assert.equal(held.waysOut[held.wayOf(byItself)], []);
  assert.equal(held.waysOut[held.wayOf(others)], ["flags"]);
});

test("watching takes for a jump what a form's definition does", () => {
  const kinds = { branch: "branch", jump: "branch", jumpTo: "computed", complete: "other" } as const;
  const named: Readonly<Record<string, string>> = { call: "call", callTo: "callTo", ret: "return", retTaking: "return" };
  for (const [row, name] of rowNames.entries()) {
    const { shapes, widths } = factsAt(row);
    const form = formOf(name, shapes[0]!, widths[0]!)!;
    const { control } = effectsOf(form);
    const expected = named[name] ?? (control === undefined ? "other" : kinds[control]);
    assert.is(kindOf({ form } as Parameters<typeof kindOf>[0]), expected, name);
  }
});

test.run();
