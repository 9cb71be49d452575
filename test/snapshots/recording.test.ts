import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bootSource, demoImage, Session } from "../../index.ts";
import { Recording } from "../../snapshots/recording.ts";

const folder = mkdtempSync(join(tmpdir(), "chronix-recording-"));
const source = bootSource({ image: demoImage(), argv: ["/bin/pipeline"] });
const recording = suite("a recording without a session");
recording.after(() => rmSync(folder, { recursive: true }));

recording("its log and output are a session's", () => {
  const [path, other] = [join(folder, "recording.chronix"), join(folder, "session.chronix")];
  const sent: Uint8Array[] = [];
  const output = (_: string, bytes: Readonly<Uint8Array>) => void sent.push(bytes.slice());
  // A clock that stands still: no block ends by its age.
  const recorded = new Recording(source, { path, world: { output, note: () => {} }, isPaced: false, processor: {}, now: () => 1 });
  const stop = recorded.run({ seq: 0, tick: Number.POSITIVE_INFINITY });
  recorded.close();
  const session = Session.boot(source, { path: other, now: () => 1 });
  assert.equal(stop, { kind: "halted", status: session.runToEnd() });
  assert.equal(Buffer.concat(sent), Buffer.from(session.screen));
  session.close();
  assert.equal(readFileSync(path), readFileSync(other));
});
recording("what is pending is in the file after a flush", () => {
  const path = join(folder, "pending.chronix");
  const recorded = new Recording(source, { path, world: { output: () => {}, note: () => {} }, isPaced: false, processor: {}, now: () => 1 });
  const before = readFileSync(path).length;
  recorded.flush();
  assert.ok(readFileSync(path).length > before);
  recorded.close();
});
recording.run();
