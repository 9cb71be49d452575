// needs: gcc mkfifo
// Every instruction form against the real processor: a batch of random cases each, and the cases in which the two once differed. `npm run fuzz:cpu` does it for as long as one likes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { caseText, parseCase } from "./case-text.ts";
import { Fuzzer } from "./fuzzer.ts";
import { Rig } from "./rig.ts";
import { shrink } from "./shrink.ts";

const ROUNDS = 2;

test("cases that once differed agree", () => {
  const rig = new Rig();
  const lines = readFileSync(join(import.meta.dirname, "regressions.txt"), "utf8").split("\n");
  const cases = lines.filter(line => line !== "" && !line.startsWith("#"));
  for (const line of cases) {
    const text = line.slice(line.indexOf(": ") + 2);
    assert.is(caseText(parseCase(text)), text, "the text says all of the case");
    assert.equal(rig.differences(parseCase(text)), [], line);
  }
  assert.ok(cases.length > 0);
  rig.close();
});
test("every form agrees in random cases", () => {
  const fuzzer = new Fuzzer({ seed: 1, casesPerBatch: 64 });
  for (let i = 0; i < ROUNDS * fuzzer.formCount; i++) {
    const failure = fuzzer.step();
    if (!failure) continue;
    const { batch, differences } = shrink(fuzzer.rig, failure);
    assert.equal(differences, [], caseText(batch));
  }
  // A form that is added must have a way to be written, and one that no encoding leads to is no form.
  assert.equal(fuzzer.unmet, []);
  assert.is(fuzzer.casesByForm.size, fuzzer.formCount);
  fuzzer.rig.close();
});

test.run();
