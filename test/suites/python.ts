// Python's own test package, as regrtest runs it (files/outcomes.py).
import type { Outcome } from "../corpus/corpus.ts";
import type { PinnedPackage } from "../corpus/pinned-package.ts";
import modules from "./python-modules.json" with { type: "json" };
import { named, type Suite, type Verdict, type Verdicts } from "./suite.ts";

/** Of the version that python3.11 has in the Debian image. */
export const PYTHON_TESTS: PinnedPackage = {
  name: "libpython3.11-testsuite",
  version: "3.11.2-6+deb12u8",
  sha256: "718afaa9807bcc228d16f7e01436f7fdbfc1268f806091c0b83d57f564633fa3",
};
export const OUTCOMES_PROGRAM = "/suites/python/outcomes.py";

export const python: Suite = {
  name: "python",
  modules,
  script: module => `exec python3 ${OUTCOMES_PROGRAM} ${module}`,
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
