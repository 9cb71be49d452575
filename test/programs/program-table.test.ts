// The table of real programs itself; what they do is checked by "npm run check:programs", which takes long.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CASE_SECONDS } from "../corpus/corpus.ts";
import { cProgram, javaScript } from "./generated-sources.ts";
import { generated, text } from "./placing.ts";
import { programs } from "./program-table.ts";

test("every program has a name of its own, and every file of files/ a program", () => {
  const names = programs.map(({ name }) => name);
  assert.equal(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  );
  const used = new Set(programs.flatMap(({ files }) => Object.keys(files)));
  assert.equal(
    readdirSync(join(import.meta.dirname, "files")).filter(name => !used.has(name)),
    [],
  );
});
test("what is generated is large and the same each time", () => {
  assert.ok(cProgram().split("\n").length > 5000);
  assert.is(cProgram(), cProgram());
  assert.ok(javaScript().length > 1_000_000);
  assert.is(javaScript(), javaScript());
});
test("files lie in a case's folder with the case's time", () => {
  const folder = mkdtempSync(join(tmpdir(), "chronix-placing-"));
  try {
    const [copied, made] = [join(folder, "copied"), join(folder, "made")];
    text("rows.sql")(copied);
    generated(() => "made\n")(made);
    assert.is(readFileSync(made, "utf8"), "made\n");
    assert.equal(
      [copied, made].map(path => statSync(path).mtimeMs),
      [CASE_SECONDS * 1000, CASE_SECONDS * 1000],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});
test.run();
