// needs: gcc
// Programs of our own making give the same output here and on the real processor, however they are compiled. `npm run fuzz:programs` makes any number.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { optimisations, servedLevels, tryProgram } from "./trial.ts";

for (const level of servedLevels())
  for (const [i, optimisation] of optimisations.entries())
    test(`${optimisation.join(" ")} -march=${level}`, () => {
      for (const seed of [1 + i, 4 + i]) {
        const verdict = tryProgram({ seed, optimisation, level });
        assert.ok(verdict.isSame, `seed ${seed}: ${verdict.text}`);
        assert.ok(verdict.ticks > 10_000, "it did something");
      }
    });

test.run();
