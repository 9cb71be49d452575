// What is kept of execution between runs: with the code in which it lay, of files alone, and never more than so much.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CodePages } from "../../engine/cpu/code-pages.ts";
import { decode } from "../../engine/cpu/decode/decode.ts";
import { compileAhead } from "../../engine/cpu/region/ahead.ts";
import { type TracedCode, Traces, tracesOf } from "../../engine/cpu/region/traces.ts";
import { pathTo } from "../../engine/cpu/region/watching.ts";
import { GuestMemory } from "../../engine/memory/guest-memory.ts";
import { layout, PAGE_BYTES } from "../../engine/memory/layout.ts";
import type { PageAnswer } from "../../engine/memory/page-answer.ts";

const PAGE = 0x400;
const CODE = PAGE * PAGE_BYTES;
const executable = { isReadable: true, isWritable: false, isExecutable: true } as const;
const pageOf = (byte: number): PageAnswer => ({ kind: "bytes", bytes: new Uint8Array(PAGE_BYTES).fill(byte), ...executable });

/** By space, what lies in its one page. */
function traced(...pages: readonly PageAnswer[]): { readonly traces: Traces; readonly add: (space: number, rips: readonly number[], ticks: number) => void } {
  const memory = new GuestMemory({ maxFrames: 100 });
  memory.resolver = space => pages[space]!;
  for (const [space] of pages.entries()) {
    memory.createSpace(space);
    memory.enter(space);
    memory.admit(space, PAGE, "execute");
  }
  const traces = new Traces(memory, new CodePages(memory, () => ({ decodeBlock: () => 0, decodeStarts: () => {} })));
  const add = (space: number, rips: readonly number[], ticks: number): void => {
    memory.enter(space);
    rips.forEach((rip, i) => void memory.linear.view.setBigUint64(layout.trace + 8 * i, BigInt(rip), true));
    traces.passed(ticks);
    traces.add(space, [], rips.length);
  };
  return { traces, add };
}

test("a trace is kept with the ticks for which it stands, and its pages once", () => {
  const { traces, add } = traced(pageOf(0x90), pageOf(0x90));
  add(0, [CODE, CODE + 1], 100);
  add(1, [CODE + 5], 7);
  // Nothing was traced: its ticks are another's.
  add(1, [], 30);
  add(0, [CODE + 2], 3);
  const [code, ...others] = traces.codes;
  assert.equal(others, []);
  assert.equal([...code!.pages], [[PAGE, new Uint8Array(PAGE_BYTES).fill(0x90)]]);
  assert.equal(tracesOf(code!), [
    { rips: [CODE, CODE + 1], ticks: 100 },
    { rips: [CODE + 5], ticks: 7 },
    { rips: [CODE + 2], ticks: 3 },
  ]);
});
test("other code at the same address is another program's", () => {
  const { traces, add } = traced(pageOf(0x90), pageOf(0xcc));
  add(0, [CODE], 1);
  add(1, [CODE + 1], 2);
  assert.equal(
    traces.codes.map(code => [code.pages.get(PAGE)![0], tracesOf(code)]),
    [
      [0x90, [{ rips: [CODE], ticks: 1 }]],
      [0xcc, [{ rips: [CODE + 1], ticks: 2 }]],
    ],
  );
});
test("what is in no file is left out", () => {
  const { traces, add } = traced({ kind: "zero", ...executable });
  add(0, [CODE], 1);
  assert.equal(traces.codes, []);
});
test("what happened before what was traced comes first", () => {
  const { traces } = traced(pageOf(0x90));
  traces.passed(10);
  traces.add(0, [CODE + 1, CODE + 2], 0);
  assert.equal(tracesOf(traces.codes[0]!), [{ rips: [CODE + 1, CODE + 2], ticks: 10 }]);
});
test("where execution was on its way is told where there is no doubt", () => {
  // nop; call 1f; nop; 1: jz 2f; nop; 2: ret
  const code = Uint8Array.from([0x90, 0xe8, 1, 0, 0, 0, 0x90, 0x74, 1, 0x90, 0xc3]);
  const fetch = (rip: number) => {
    const instruction = decode(rip, code.subarray(rip - CODE));
    return typeof instruction === "string" ? undefined : instruction;
  };
  const [CALLED, BEHIND, RETURN] = [CODE + 7, CODE + 9, CODE + 10];
  const path = (to: number, count: number) => pathTo(CODE, to, count, fetch);
  assert.equal(path(CODE, 0), []);
  assert.equal(path(CALLED, 2), [CODE, CODE + 1]);
  assert.equal(path(BEHIND, 3), [CODE, CODE + 1, CALLED]);
  assert.equal(path(RETURN, 3), [CODE, CODE + 1, CALLED]);
  assert.equal(path(RETURN, 4), [CODE, CODE + 1, CALLED, BEHIND]);
  assert.equal(path(CODE + 0x1000, 5), [CODE, CODE + 1, CALLED, BEHIND, RETURN]);
  assert.is(path(CODE + 0x1000, 6), undefined, "where it returned to");
  assert.is(path(CODE + 6, 2), undefined, "not behind a call");
});
test("what another region has is compiled again where it cannot be entered and much is interpreted there", () => {
  const page = new Uint8Array(PAGE_BYTES).fill(0x90);
  page[3] = 0xc3;
  /** A stretch of it, with the ticks that were interpreted there. */
  const interpreted = (rips: readonly number[], ticks: number): TracedCode => ({
    pages: new Map([[PAGE, page]]),
    traces: new Uint8Array(BigInt64Array.from([...rips.map(BigInt), BigInt(-ticks)]).buffer),
  });
  const known = [{ entries: [CODE], rips: [CODE, CODE + 1, CODE + 2, CODE + 3] }];
  const entriesOf = (ticks: number, there: typeof known) =>
    compileAhead(interpreted([CODE + 2, CODE + 3], ticks), there, false).flatMap(({ compiled }) => compiled.entries);
  assert.equal(entriesOf(10_000, []), [CODE + 2]);
  assert.equal(entriesOf(10_000, known), []);
  assert.equal(entriesOf(50_000, known), [CODE + 2]);
});
test("where there are too many, every other one goes, and those that are left stand for two", () => {
  const { traces, add } = traced(pageOf(0x90));
  const rips = Array.from({ length: 500 }, (_, i) => CODE + i);
  const COUNT = 6000;
  for (let i = 0; i < COUNT; i++) add(0, rips, 10);
  const [code] = traces.codes;
  const kept = tracesOf(code!);
  assert.ok(code!.traces.length <= 2 ** 22 && kept.length > 200, `${kept.length} traces`);
  assert.ok(kept.every(trace => trace.rips.length === rips.length));
  // But for those that have not come to a whole trace yet.
  const stoodFor = kept.reduce((sum, { ticks }) => sum + ticks, 0);
  assert.ok(Math.abs(stoodFor - 10 * COUNT) <= 10 * COUNT * 0.02, `${stoodFor} ticks`);
});
test.run();
