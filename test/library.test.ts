// The library, as the README shows it.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bootSource, demoImage, fold, matching, Session } from "../index.ts";

const race = () => Session.boot(bootSource({ image: demoImage(), argv: ["/bin/pipeline"] }));

test("run until a call, look into the state, go back, run on: the same events", () => {
  const session = race();
  const found = session.runUntil(matching({ kinds: ["exit"] }));
  assert.ok(found, "a child of the pipeline exits");
  assert.is(session.state.procTable.processes.get(found.event.kind === "exit" ? found.event.task : 0)?.exitStatus, 0);
  assert.is(session.runToEnd(), 0);
  const { digest, length } = session;
  session.goto({ seq: found.seq, plus: 0 });
  assert.ok(session.position.seq >= found.seq && session.position.seq < length);
  assert.is(session.runToEnd(), 0);
  assert.is(session.digest, digest);
});
test("a fork with an injected errno is another timeline; its parent stays as it was", () => {
  const session = race();
  session.runToEnd();
  const digest = session.digest;
  let write = 0;
  while (session.event(write)?.kind !== "syscall" || (session.event(write) as { number: number }).number !== 1) write++;
  session.goto({ seq: write, plus: 0 });
  const fork = session.fork([{ kind: "inject", seq: write, errno: "ENOSPC" }], { name: "full-disk" });
  fork.runToEnd();
  assert.equal((fork.event(write) as { result: unknown }).result, { kind: "fail", errno: "ENOSPC" });
  assert.is(session.digest, digest);
});
test("events are an observable; folding them gives the machine's state without a processor", () => {
  const session = race();
  const kinds = new Set<string>();
  session.events$.subscribe(({ event }) => kinds.add(event.kind));
  session.runToEnd();
  assert.ok(kinds.has("syscall") && kinds.has("exit"));
  const events = Array.from({ length: session.length }, (_, seq) => session.event(seq)!);
  assert.equal([...fold(events, session.source).procTable.processes.keys()], [...session.state.procTable.processes.keys()]);
});
test.run();
