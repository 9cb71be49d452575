// needs: gcc
// Compiled code leaves what the interpreter leaves, after every slice: registers to the last byte, ticks, output. Slices and the threshold of compiling are random.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { get } from "../../engine/cpu/register-file.ts";
import { ElfRunner, type Outcome } from "./elf-runner.ts";
import { BARE, compile } from "./guests.ts";

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
  { source: "../../bench/programs/collatz.c", options: [], args: ["3000"] },
  { source: "../../bench/programs/qsortb.c", options: [], args: ["6000"] },
  { source: "../../bench/programs/nbody.c", options: ["-lm"], args: ["1500"] },
];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

for (const { source, options, args } of programs)
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
      let outcome: Outcome | undefined;
      while (!outcome) {
        const from = get(interpreted.file, "rip").toString(16);
        const before = interpreted.ticks;
        const budget = next(LIMITS[next(LIMITS.length) - 1]!);
        outcome = interpreted.advance(budget);
        const other = compiled.advance(budget);
        const where = `${budget} ticks from tick ${before} at rip ${from}, promotionTicks ${promotionTicks}`;
        assert.is(compiled.ticks, interpreted.ticks, where);
        if (hex(compiled.file) !== hex(interpreted.file)) assert.is(hex(compiled.file), hex(interpreted.file), where);
        assert.equal(other, outcome, where);
        assert.is(compiled.output, interpreted.output, where);
      }
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
test.run();
