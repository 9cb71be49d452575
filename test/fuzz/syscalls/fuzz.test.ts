// A short run of the fuzzer with fixed seeds; `npm run fuzz:syscalls` runs it for as long as one likes.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { toolchain } from "../../../guest-images/demo/build.ts";
import { buildGuest } from "./build.ts";
import { CALL_COUNT } from "./table.ts";
import pinned from "./toolchain.json" with { type: "json" };
import { tryCalls } from "./trial.ts";

const here = toolchain();
const isSame = here?.compiler === pinned.compiler && here.linker === pinned.linker;
if (!isSame) console.log(`The rebuild of the fuzzer's guest is skipped: it needs ${pinned.compiler} and ${pinned.linker}.`);

(isSame ? test : test.skip)("the guest is what its sources give", () => {
  const folder = mkdtempSync(join(tmpdir(), "chronix fuzz "));
  try {
    buildGuest(folder);
    assert.ok(readFileSync(join(folder, "guest.elf")).equals(readFileSync(join(import.meta.dirname, "guest.elf"))), "run test/fuzz/syscalls/build.ts");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const names = new Set<string>();
for (const seed of [1, 2]) {
  test(`seed ${seed}: recorded, replayed, folded, gone about in, and recorded again`, () => {
    const { calls, answers } = tryCalls({ seed, size: { generations: 1, workers: 3, calls: 600 }, isRepeated: true });
    for (const key of answers.keys()) names.add(key.split(" ")[0]!);
    assert.ok(calls > 2000, `only ${calls} calls`);
  });
}
test("most of the table is met", () => {
  assert.ok(names.size > CALL_COUNT * 0.9, `${names.size} of ${CALL_COUNT}`);
});
test.run();
