// perl's own tests, by file of t/: each prints a line for each of its tests (TAP).
import type { Outcome } from "../corpus/corpus.ts";
import modules from "./perl-modules.json" with { type: "json" };
import { named, oneByOne, type Suite, type Verdict, type Verdicts } from "./suite.ts";

export const PERL_FOLDER = "/suites/perl";

/** -t and -T of a file's first line, which perl will have on its command line: t/TEST does the same. */
const taint = (module: string): string => `$(sed -n '1s/^#!.*perl.* -[a-zA-Z]*\\([tT]\\).*/-\\1/p' ${module}.t)`;

export const perl: Suite = {
  name: "perl",
  modules,
  script: modules => oneByOne(modules, module => `cd ${PERL_FOLDER}/t && PERL_SKIP_TTY_TEST=1 exec /usr/bin/perl ${taint(module)} -I../lib ${module}.t`),
  verdicts,
};

const LINE = /^(not )?ok\b *(\d+)?[^#\n]*(?:# *(skip|todo))?/gim;
function verdicts({ stdout, status }: Outcome): Verdicts {
  let last = 0;
  const tests = [...stdout.matchAll(LINE)].map(([, not, number, directive]): readonly [string, Verdict] => {
    last = number === undefined ? last + 1 : Number(number);
    return [`${last}`, directive ? directive.toLowerCase() : not ? "FAIL" : "ok"];
  });
  const isSkipped = /^1\.\.0\b/m.test(stdout);
  return named([...tests, ["the file", isSkipped ? "skip" : status === 0 ? "ok" : `status ${status}`]]);
}
