// How outcomes are told apart; and one stressor that once ended the engine, where its packages are there already (`npm run check:stress` fetches them).
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { DEBIAN } from "../../guest-images/debian/debian.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { runStressorInGuest } from "./guest-run.ts";
import { outcomeOf } from "./outcome.ts";
import { hasPackages, STRESS_PROGRAM, stressMount } from "./stress-ng.ts";
import { ALL, DIFFERENCES, LEFT_OUT, OPS, SECONDS } from "./stressors.ts";

const test = suite("stress-ng");
test("what it says and how it ends make the outcome", () => {
  const done = "stress-ng: info:  [7] passed: 1: dup (1)\nstress-ng: info:  [7] failed: 0\nstress-ng: info:  [7] skipped: 0\n";
  assert.equal(outcomeOf("dup", done, 0), { verdict: "passed", reasons: [] });
  const failed = "stress-ng: fail:  [4711] dup: read failed at 0x7ffe12, errno=22 (Invalid argument)\n";
  assert.equal(outcomeOf("dup", failed, 2), { verdict: "failed", reasons: ["dup: read failed at 0xN, errno=N (Invalid argument)"] });
  assert.is(outcomeOf("aiol", "stress-ng: info:  [7] skipped: 1: aiol (1)\n", 0).verdict, "skipped");
  assert.is(outcomeOf("aiol", "", 4).verdict, "skipped");
  assert.is(outcomeOf("dup", "", 139).verdict, "failed");
});
test("each stressor that is named is one", () => {
  for (const name of [...Object.keys(LEFT_OUT), ...Object.keys(OPS), ...Object.keys(SECONDS), ...Object.keys(DIFFERENCES)]) assert.ok(ALL.includes(name), name);
});

const store = new ImageStore();
const isThere = store.has(DEBIAN) && hasPackages();
if (!isThere) console.log("No stressor is run: the Debian image or stress-ng's packages are not there.");
(isThere ? test : test.skip)("dup: threads that copy descriptors over one that is being opened", async () => {
  const mount = await stressMount(() => {});
  const argv = [STRESS_PROGRAM, "--dup", "1", "--dup-ops", "2", "--verify", "--timeout", "5", "--seed", "1"];
  const { verdict, reasons } = runStressorInGuest({ image: store.open(DEBIAN), mount, name: "dup", argv, mostSeconds: 120 });
  assert.is(verdict, "passed", reasons.join("\n"));
});
test.run();
