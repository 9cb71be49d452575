// rseq(2), against Linux: a program that tells what becomes of its sequences prints here what it prints natively, and its replay is identical.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { demoImage } from "../../guest-images/demo.ts";
import { entriesDigest } from "../../guest-images/digest.ts";
import { bootSource } from "../../snapshots/boot-source.ts";
import { Session } from "../../snapshots/session.ts";

const source = join(import.meta.dirname, "guests/rseq.c");
const program = join(mkdtempSync(join(tmpdir(), "chronix-rseq-")), "rseq");
const COMPILE = ["-O2", "-static", "-w", source, "-o", program];
const owned = { uid: 0, gid: 0, mtimeSeconds: 0 };

function session(): { session: Session; output: () => string } {
  const entries = [
    { path: "/", kind: "directory", mode: 0o755, ...owned } as const,
    { path: "/rseq", kind: "file", mode: 0o755, ...owned, content: readFileSync(program) } as const,
  ];
  const written: Uint8Array[] = [];
  const request = { image: demoImage(), argv: ["/guests/rseq"], mounts: [{ path: "/guests", digest: entriesDigest(entries), isReadOnly: true, entries }] };
  return {
    session: Session.boot(bootSource(request), { output: (_, bytes) => void written.push(bytes.slice()) }),
    output: () => Buffer.concat(written).toString("latin1"),
  };
}
test("a program prints what it prints natively, and goes back into a sequence", () => {
  execFileSync("gcc", COMPILE);
  const { session: recorded, output } = session();
  assert.is(recorded.runToEnd(), 0);
  assert.is(output(), spawnSync(program, { encoding: "latin1" }).stdout);
  const end = recorded.length;
  recorded.goto({ seq: 0, plus: 0 });
  recorded.goto({ seq: end, plus: 0 });
  const { session: second } = session();
  second.runToEnd();
  assert.is(second.digest, recorded.digest);
});
test.run();
