// needs: gcc
// A thousand threads, five hundred processes, ten thousand connections: all of them work, and what one more costs does not grow with how many there are.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Image, ImageEntry } from "../../engine/loader/image.ts";
import { runGuest } from "../headless.ts";

const program = join(mkdtempSync(join(tmpdir(), "chronix-scale-")), "scale");
execFileSync("gcc", ["-O1", "-static", "-w", "-pthread", join(import.meta.dirname, "../guests/scale.c"), "-o", program]);
const owned = { uid: 0, gid: 0, mtimeSeconds: 0 };
const entries: readonly ImageEntry[] = [
  { path: "/", kind: "directory", mode: 0o755, ...owned },
  { path: "/scale", kind: "file", mode: 0o755, ...owned, content: readFileSync(program) },
];
const image: Image = {
  name: "scale",
  digest: "sha256:scale",
  entries,
  config: { entrypoint: [], environment: {}, workingDirectory: "/", user: { uid: 0, gid: 0 } },
};

const cases = [
  ["threads", 1000, "499500"],
  ["processes", 500, "500"],
  ["sockets", 10_000, "10000"],
] as const;
for (const [what, count, expected] of cases) {
  test(`${count} ${what}`, () => {
    const { stdout, status, events } = runGuest({ image, argv: ["/scale", what, String(count)] });
    assert.is(Buffer.from(stdout).toString(), `${expected}\n`);
    assert.is(status, 0);
    // So many events each, however many there are.
    assert.ok(events.length < count * 16, `${events.length} events`);
  });
}
test.run();
