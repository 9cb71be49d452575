// Python's own test package, as regrtest runs it (files/outcomes.py).
import type { Outcome } from "../corpus/corpus.ts";
import modules from "./python-modules.json" with { type: "json" };
import { named, type Suite, type Verdict, type Verdicts } from "./suite.ts";

export const OUTCOMES_PROGRAM = "/suites/python/outcomes.py";

export const python: Suite = {
  name: "python",
  modules,
  script: modules => `exec python3 ${OUTCOMES_PROGRAM} ${modules.join(" ")}`,
  verdicts,
};

function verdicts({ stdout, status }: Outcome): Verdicts {
  const pairs: [string, Verdict][] = [];
  const open = new Set<string>();
  for (const [, word = "", test = ""] of stdout.matchAll(/^(begin|ok|skip|FAIL|ERROR) (.*)$/gm)) {
    if (word === "begin") open.add(test);
    else {
      open.delete(test);
      pairs.push([test, word]);
    }
  }
  for (const test of open) pairs.push([test, "did not end"]);
  // A module that cannot be imported, or is skipped as a whole, tells of no test.
  return named(pairs.length > 0 ? pairs : [["the module", status === 0 ? "ok" : `status ${status}`]]);
}
