// Dynamic programs are recorded as any others: recorded again the log has the same digest, its replay is identical, and it can be gone about in.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exitStatusOf } from "../../repl/wait-status.ts";
import { LogHistory } from "../../snapshots/history.ts";
import { every } from "../../snapshots/placement.ts";
import { ReplayFactory } from "../../snapshots/replay-factory.ts";
import { Session } from "../../snapshots/session.ts";
import { caseRequest } from "../corpus/guest.ts";
import { debianCorpus } from "../debian/corpus.ts";
import { debianOrNull } from "../debian/image.ts";
import { inputsOf } from "../headless.ts";
import { differencesOf, fingerprint } from "./fingerprint.ts";
import { readerOf, record, sourceOf } from "./recording.ts";

const image = await debianOrNull();
const test = suite("recordings of Debian programs");
const KEYFRAMES = every(2000, 20_000_000);

for (const name of ["shell/bash coproc and traps", "perl/files and processes", "development/make"]) {
  if (!image) {
    test.skip(name, () => {});
    continue;
  }
  const guest = { name, request: caseRequest(image, debianCorpus.cases.find(one => one.name === name)!), inputs: [...inputsOf()] };
  test(`${name}: again, and replayed`, () => {
    const [first, again] = [record(guest, undefined, KEYFRAMES), record(guest, undefined, KEYFRAMES)];
    assert.is(exitStatusOf(first.status ?? -1), debianCorpus.expectation(name)?.status);
    assert.is(again.digest, first.digest);
    const log = readerOf(first.log);
    const machine = new ReplayFactory(first.source, new LogHistory(log)).boot();
    assert.is(machine.advance({ seq: log.length, tick: first.events.at(-1)!.tick })?.path, undefined);
    assert.is(differencesOf(fingerprint(machine.machine), first.end), "");
  });
  test(`${name}: back and forth`, () => {
    const session = Session.boot(sourceOf(guest));
    session.runToEnd();
    const end = session.length;
    for (const seq of [Math.floor(end / 2), 3, end - 1, end]) {
      session.goto({ seq, plus: 0 });
      assert.ok(session.position.seq >= seq);
    }
  });
}
test.run();
