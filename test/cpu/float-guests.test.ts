// needs: gcc musl-gcc
// Programs with a C library that compute in 80 bits, or in other rounding modes, give the same output here and on the real processor.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ElfRunner } from "./elf-runner.ts";
import { compileWith } from "./guests.ts";

const builds: readonly (readonly [source: string, compiler: string, ...options: string[]])[] = [
  ["long-double.c", "musl-gcc"],
  ["long-double.c", "musl-gcc", "-mfpmath=387"],
  ["long-double.c", "musl-gcc", "-O0"],
  ["long-double.c", "gcc"],
  ["rounding.c", "musl-gcc", "-frounding-math"],
  ["loaded.c", "gcc"],
  ["exceptions.c", "gcc", "-frounding-math", "-ftrapping-math", "-fno-builtin"],
];
for (const [source, compiler, ...options] of builds) {
  test([compiler, ...options, source].join(" "), () => {
    const { elf, native } = compileWith(compiler, source, ...options, "-lm");
    const { output, status, stop } = new ElfRunner(elf).run();
    assert.is(stop.kind, "syscall", JSON.stringify(stop));
    assert.is(output, native.output);
    assert.is(status, native.status);
  });
}
test.run();
