// needs: gcc
// Compiled code leaves what the interpreter leaves, after every slice: registers to the last byte, ticks, output. Slices and the threshold of compiling are random.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { get } from "../../engine/cpu/register-file.ts";
import { ElfRunner, type Outcome } from "./elf-runner.ts";
import { BARE, compile } from "./guests.ts";
import { gatheredFrom, keptFrom, LongShelf, MemoryShelf } from "./memory-shelf.ts";

const random = (seed: number) => (below: number) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return 1 + ((seed >>> 8) % below);
};
const LIMITS = [40, 997, 30_000, 400_000];
interface Program {
  readonly source: string;
  readonly options: readonly string[];
  readonly args: readonly string[];
}
const programs: readonly Program[] = [
  { source: "loops.c", options: BARE, args: [] },
  { source: "entries.c", options: BARE, args: [] },
  { source: "instructions.c", options: BARE, args: [] },
  { source: "wide.c", options: BARE, args: [] },
  { source: "loaded.c", options: [], args: [] },
  { source: "../../bench/programs/collatz.c", options: [], args: ["3000"] },
  { source: "../../bench/programs/qsortb.c", options: [], args: ["6000"] },
  { source: "../../bench/programs/nbody.c", options: ["-lm"], args: ["1500"] },
];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** Both are given the same slices until they end. */
function compare(interpreted: ElfRunner, compiled: ElfRunner, next: (below: number) => number, look = () => {}): Outcome {
  for (;;) {
    look();
    const from = get(interpreted.file, "rip").toString(16);
    const before = interpreted.ticks;
    const budget = next(LIMITS[next(LIMITS.length) - 1]!);
    const outcome = interpreted.advance(budget);
    const other = compiled.advance(budget);
    const where = `${budget} ticks from tick ${before} at rip ${from}`;
    assert.is(compiled.ticks, interpreted.ticks, where);
    if (hex(compiled.file) !== hex(interpreted.file)) assert.is(hex(compiled.file), hex(interpreted.file), where);
    assert.equal(other, outcome, where);
    assert.is(compiled.output, interpreted.output, where);
    if (outcome) return outcome;
  }
}

for (const { source, options, args } of programs) {
  for (const [tier, seed] of [
    ["auto", 1],
    ["auto", 2],
    ["compiled", 3],
  ] as const)
    test(`${source} ${tier} ${seed}`, () => {
      const { elf } = compile(source, ...options);
      const next = random(seed);
      const promotionTicks = next(2_000);
      const interpreted = new ElfRunner(elf, ["guest", ...args], { tier: "interpreter" });
      const compiled = new ElfRunner(elf, ["guest", ...args], { tier, promotionTicks, isCounting: true });
      const outcome = compare(interpreted, compiled, next);
      assert.is(outcome.stop.kind, "syscall");
      assert.ok(compiled.processor.report().length > 0, "nothing was compiled");
      if (source === "wide.c" && tier === "auto") {
        const hot = compiled.processor.report().filter(({ entered }) => entered > 100);
        assert.ok(hot.length > 10 && hot.every(({ instructions }) => instructions < 1000), `${hot.length} regions`);
      }
      if (source === "entries.c" && tier === "auto")
        assert.ok(
          compiled.processor.report().some(({ entries }) => entries > 1),
          "no region has several entries",
        );
    });
  test(`${source} with the regions of a run before`, () => {
    const { elf } = compile(source, ...options);
    const run = (shelf: MemoryShelf) => {
      const next = random(4);
      const compiled = new ElfRunner(elf, ["guest", ...args], { promotionTicks: 500, shelf });
      // What is put may have gone at the end, where MXCSR is another.
      let isAnyPut = false;
      compare(new ElfRunner(elf, ["guest", ...args], { tier: "interpreter" }), compiled, next, () => {
        isAnyPut ||= shelf.living().some(({ kept }) => kept);
      });
      return { living: shelf.living(), isAnyPut };
    };
    const first = run(new MemoryShelf());
    assert.not(first.isAnyPut);
    const made = first.living.map(keptFrom);
    assert.ok(run(new MemoryShelf(made)).isAnyPut, "none was put");
    // Other code at the same addresses.
    const elsewhere = made.map(region => ({ ...region, code: { ...region.code, bytes: region.code.bytes.map(byte => byte ^ 1) } }));
    assert.not(run(new MemoryShelf(elsewhere)).isAnyPut);
  });
  test(`${source} with what is compiled ahead of what a run did`, () => {
    const { elf } = compile(source, ...options);
    const run = (shelf: MemoryShelf, promotionTicks: number, seed: number) => {
      const compiled = new ElfRunner(elf, ["guest", ...args], { promotionTicks, shelf });
      compare(new ElfRunner(elf, ["guest", ...args], { tier: "interpreter" }), compiled, random(seed));
      return shelf;
    };
    // One run interprets all of it; of the other some is compiled meanwhile.
    for (const [promotionTicks, seed] of [
      [20_000, 6],
      [500, 7],
    ] as const) {
      const before = run(new MemoryShelf(), promotionTicks, seed);
      const ahead = gatheredFrom(before.traces());
      assert.ok(ahead.length > 0, "nothing was compiled ahead");
      const decoded = before.decoded();
      assert.ok(decoded.length > 0, "nothing was decoded");
      // Where no instruction begins nothing comes by.
      const between = decoded.map(({ page, starts }) => ({ page, starts: starts.map(byte => byte ^ 1) }));
      for (const known of [[], decoded, between]) {
        const put = run(new MemoryShelf(ahead, known), 20_000, seed + 2)
          .living()
          .filter(({ of }) => of.gathered);
        assert.ok(put.length > 0, "none was put");
      }
    }
  });
  test(`${source} with what is compiled beside it while it goes on`, () => {
    const { elf } = compile(source, ...options);
    const shelf = new LongShelf(30_000);
    const compiled = new ElfRunner(elf, ["guest", ...args], { promotionTicks: 5_000, shelf });
    let isAnyPut = false;
    compare(new ElfRunner(elf, ["guest", ...args], { tier: "interpreter" }), compiled, random(12), () => {
      isAnyPut ||= shelf.living().some(({ of }) => of.gathered);
    });
    assert.ok(isAnyPut, "none was put");
  });
}
test("where the code is made of what stands in for gathered regions, the interpreter goes on in their place", () => {
  const { elf } = compile("wide.c", ...BARE);
  const run = (shelf: MemoryShelf) => {
    const compiled = new ElfRunner(elf, ["guest"], { promotionTicks: 20_000, shelf });
    compare(new ElfRunner(elf, ["guest"], { tier: "interpreter" }), compiled, random(11));
    return shelf;
  };
  const standIns = gatheredFrom(run(new MemoryShelf()).traces(), true);
  const living = run(new MemoryShelf(standIns)).living();
  assert.ok(
    living.some(({ of }) => of.gathered),
    "none was put",
  );
});
test("regions make room for one another, those first that nobody has entered for long", () => {
  const { elf } = compile("wide.c", ...BARE);
  const living = (mostRegions: number, seed: number) => {
    const shelf = new MemoryShelf();
    const compiled = new ElfRunner(elf, ["guest"], { promotionTicks: 500, mostRegions, shelf });
    compare(new ElfRunner(elf, ["guest"], { tier: "interpreter" }), compiled, random(seed));
    return shelf.living().length;
  };
  assert.ok(living(1000, 5) > 3);
  for (const most of [1, 2, 3]) assert.is(living(most, 5), most);
});
test.run();
