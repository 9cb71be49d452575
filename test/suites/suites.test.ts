// How the suites' output is read, and that what is pinned is what the Debian image has; what they come to is checked by "npm run check:suites", which takes long.
import { test } from "uvu";
import * as assert from "uvu/assert";
import manifest from "../../guest-images/debian/manifest.json" with { type: "json" };
import { bash } from "./bash.ts";
import { perl } from "./perl.ts";
import { BASH_SOURCE, PERL_SOURCE, PYTHON_TESTS } from "./pins.ts";
import { python } from "./python.ts";
import { partOf, testDifferences } from "./suite.ts";

const said = (stdout: string, status = 0) => ({ stdout, stderr: "", status });
/** Rebuilds of a package for one architecture end in +bN, and share their source. */
const versionOf = (name: string): string | undefined => manifest.find(pin => pin.name === name)?.version.replace(/\+b\d+$/, "");

test("tests and sources are of the versions that the image has", () => {
  assert.is(PYTHON_TESTS.version, versionOf("python3.11"));
  assert.is(PERL_SOURCE.version, versionOf("perl"));
  assert.is(BASH_SOURCE.version, versionOf("bash"));
});
test("every module stands once, and Python has 120 at least", () => {
  for (const { modules } of [python, perl, bash]) assert.is(new Set(modules).size, modules.length);
  assert.ok(python.modules.length >= 120);
});
test("a test of Python's that began and did not end says so; a module without tests stands for itself", () => {
  const verdicts = python.verdicts(said("begin a.b\nok a.b\nbegin a.c\nskip a.c\nFAIL setUpClass (a)\nbegin a.d\n", 137));
  assert.equal(Object.fromEntries(verdicts), { "a.b": "ok", "a.c": "skip", "setUpClass (a)": "FAIL", "a.d": "did not end" });
  assert.equal([...python.verdicts(said("", 2))], [["the module", "status 2"]]);
});
test("perl's lines are tests by number, with or without one; directives are told apart", () => {
  const text = "1..5\nok 1 - a\nnot ok 2 - b\nok 3 - c # skip no fork\nnot ok 4 # TODO later\nok\n# not ok 9\n";
  assert.equal(Object.fromEntries(perl.verdicts(said(text))), { 1: "ok", 2: "FAIL", 3: "skip", 4: "todo", 5: "ok", "the file": "ok" });
  assert.is(perl.verdicts(said("1..0 # skip\n")).get("the file"), "skip");
  assert.is(perl.verdicts(said("1..1\nok 1\n", 2)).get("the file"), "status 2");
});
test("of a run of several modules, each has what it said; one that did not end, what it said until then", () => {
  const both = { stdout: "=== a\nok 1\n\n=== status 2\n=== b/c\nok 1\nok 2\n", stderr: "=== a\nmine\n=== b/c\n", status: 137 };
  assert.equal(partOf(both, "a"), { stdout: "ok 1\n", stderr: "mine\n", status: 2, hasEnded: true });
  assert.equal(partOf(both, "b/c"), { stdout: "ok 1\nok 2\n", stderr: "", status: 137, hasEnded: false });
  assert.is(partOf(both, "c"), null);
});
test("a script of bash's passes where it prints nothing; what it prints otherwise is compared", () => {
  assert.is(bash.verdicts(said("")).get("output"), "ok");
  assert.not.equal(bash.verdicts(said("1c1")), bash.verdicts(said("2c2")));
});
test("tests differ where what came of them does, or only one side tells of them", () => {
  const [left, right] = [new Map(Object.entries({ a: "ok", b: "ok", c: "skip" })), new Map(Object.entries({ a: "ok", b: "FAIL", d: "ok" }))];
  assert.equal(testDifferences(left, right), [
    { test: "b", natively: "ok", here: "FAIL" },
    { test: "c", natively: "skip", here: "missing" },
    { test: "d", natively: "missing", here: "ok" },
  ]);
});
test.run();
