// needs: gcc
// Whole programs give the same output here and on the real processor, whatever the slices.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ElfRunner } from "./elf-runner.ts";
import { BARE, compile } from "./guests.ts";

const random = (seed: number) => (below: number) => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return 1 + ((seed >>> 8) % below);
};
const vectorizing = ["-O3", "-ftree-vectorize", "-mavx2", "-mfma", "-mbmi", "-mbmi2", "-mf16c"];
for (const [source, ...options] of [["loops.c"], ["instructions.c"], ["avx.c", ...vectorizing], ["loops.c", ...vectorizing]] as const) {
  test(`${[source, ...options].join(" ")} prints what it prints natively`, () => {
    const { elf, native } = compile(source, ...BARE, ...options);
    const whole = new ElfRunner(elf).run();
    assert.is(whole.stop.kind, "syscall", JSON.stringify(whole.stop));
    assert.is(whole.output, native.output);
    assert.is(whole.status, native.status);
    const slice = random(1);
    const sliced = new ElfRunner(elf).run(() => slice(997));
    assert.is(sliced.output, native.output);
    assert.is(sliced.ticks, whole.ticks);
  });
}
test.run();
