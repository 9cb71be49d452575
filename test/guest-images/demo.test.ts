// The embedded image: always there, one digest, and its programs are what their sources give.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildDemoPrograms, toolchain } from "../../guest-images/demo/build.ts";
import pinned from "../../guest-images/demo/toolchain.json" with { type: "json" };
import { DEMO_PROGRAMS, demoImage } from "../../guest-images/demo.ts";
import { runGuest } from "../headless.ts";

const here = toolchain();
const isSame = here?.compiler === pinned.compiler && here.linker === pinned.linker;
if (!isSame)
  console.log(
    `The rebuild of the demo programs is skipped: it needs ${pinned.compiler} and ${pinned.linker}, and here is ${here ? `${here.compiler}, ${here.linker}` : "none"}.`,
  );

(isSame ? test : test.skip)("built anywhere, the programs have the same bytes", () => {
  const folder = mkdtempSync(join(tmpdir(), "chronix demo "));
  try {
    buildDemoPrograms(folder);
    for (const name of DEMO_PROGRAMS) {
      const committed = readFileSync(join(import.meta.dirname, "../../guest-images/demo", `${name}.elf`));
      assert.ok(readFileSync(join(folder, `${name}.elf`)).equals(committed), `${name}.elf is not what ${name}.c gives`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the image has its programs, a shell, and one digest", () => {
  const image = demoImage();
  assert.is(image.digest, demoImage().digest);
  const paths = new Set(image.entries.map(({ path }) => path));
  for (const path of [...DEMO_PROGRAMS.map(name => `/bin/${name}`), "/bin/sh", "/etc/passwd", "/tmp", "/dev", "/proc"]) assert.ok(paths.has(path), path);
});

test("each program runs in Chronix to the end that its source says", () => {
  const image = demoImage();
  const run = (name: string) => {
    const { stdout, status } = runGuest({ image, argv: [`/bin/${name}`] });
    return [Buffer.from(stdout).toString(), status] as const;
  };
  for (const name of DEMO_PROGRAMS.filter(name => name !== "menu" && name !== "crash")) {
    const [text, status] = run(name);
    assert.is(status, 0, name);
    assert.is.not(text, "", name);
  }
  // A core is never written, so 128 is not set.
  assert.is(run("crash")[1], 11);
});

test.run();
