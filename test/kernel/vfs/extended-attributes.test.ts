// needs: gcc unshare
// xattr(7), against Linux: a program that tries every call and errno prints here what it prints natively. Needs root, as its attributes do.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { demoImage } from "../../../guest-images/demo.ts";
import { entriesDigest } from "../../../guest-images/digest.ts";
import { runGuest } from "../../headless.ts";

const folder = mkdtempSync(join(tmpdir(), "chronix-xattr-"));
const program = join(folder, "xattr");
const owned = { uid: 0, gid: 0, mtimeSeconds: 0 };

/** On a tmpfs that only this process sees, since other file systems may refuse what the guest's own takes. */
function natively(): string {
  const script = `mount -t tmpfs none ${folder} && cp /proc/self/fd/3 ${folder}/xattr && chmod 755 ${folder}/xattr && cd ${folder} && exec ./xattr`;
  return spawnSync("unshare", ["-m", "sh", "-c", `exec 3< ${program}; ${script}`], { encoding: "latin1" }).stdout;
}

(process.getuid?.() === 0 ? test : test.skip)("every call answers what Linux answers", () => {
  execFileSync("gcc", ["-O2", "-static", "-w", join(import.meta.dirname, "guests/xattr.c"), "-o", program]);
  const entries = [{ path: "/", kind: "file", mode: 0o755, ...owned, content: new Uint8Array(readFileSync(program)) } as const];
  const { stdout, notes } = runGuest({
    image: demoImage(),
    argv: ["/xattr"],
    mounts: [{ path: "/xattr", digest: entriesDigest(entries), isReadOnly: false, entries }],
    workingDirectory: "/tmp",
  });
  assert.equal(notes, []);
  assert.ok(stdout.length > 1000);
  assert.equal(Buffer.from(stdout).toString("latin1").split("\n"), natively().split("\n"));
});
test.after(() => rmSync(folder, { recursive: true }));

test.run();
