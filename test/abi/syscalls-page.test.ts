// docs/syscalls.md is what the table says. With UPDATE=1 it is written anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { syscallsPage } from "../../engine/abi/syscalls-page.ts";

const path = join(import.meta.dirname, "../../docs/syscalls.md");

test("docs/syscalls.md is up to date", () => {
  const page = syscallsPage();
  if (process.env.UPDATE) writeFileSync(path, page);
  assert.ok(readFileSync(path, "utf8") === page, "docs/syscalls.md is not what the table says: npm run docs");
});

test.run();
