// What was typed is in the log: the same keys are the same recording, and it replays identically, screen and all.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { control, keys, Sitting } from "./sitting.ts";

function sit(): Sitting {
  const shell = new Sitting();
  shell.enter("seq 1 100 > list; vi list").type("d", "d", "A", " first", keys.escape, ":wq", keys.enter);
  shell.session.input({ source: "terminal", bytes: Buffer.from("while :; do :; done\r") });
  shell.compute(3_456_789).type(control("C"));
  shell.enter("sleep 100").type(control("Z")).resize(100, 30).enter("top").pass(6000).type("q").enter("fg");
  return shell.type(control("C")).enter("date; head -n 1 list; exit 5");
}
test("the same keys at the same moments are the same recording", async () => {
  const [one, other] = [sit(), sit()];
  assert.is(one.status, 5 << 8);
  assert.is(one.session.digest, other.session.digest);
  assert.is(await one.text(), await other.text());
});
test("replayed from its start it is identical, and the screen is the same", () => {
  const { session } = sit();
  const { length, screen } = session;
  session.goto({ seq: 0, plus: 0 });
  session.goto({ seq: length, plus: 0 });
  assert.is(session.position.seq, length);
  assert.is(session.status, 5 << 8);
  assert.equal(session.screen, screen);
});
test("in the middle of vi there is a moment to go to, and a fork to type something else into", () => {
  const { session } = sit();
  const text = (screen: Uint8Array) => Buffer.from(screen).toString("latin1");
  let seq = 0;
  const isTyped = (at: number): boolean => {
    const event = session.event(at);
    return event?.kind === "input" && event.input.source === "terminal" && text(event.input.bytes) === ":wq";
  };
  while (!isTyped(seq)) seq++;
  session.goto({ seq, plus: 0 });
  assert.match(text(session.screen), /list \[Modified\]/);
  assert.not.match(text(session.screen), /Stopped/);
  const fork = session.fork([], { name: "abandoned", isPaced: false });
  const typed = [":q!\r", "head -n 1 list; exit 6\r"].map(keys => ({ source: "terminal", bytes: Buffer.from(keys) }) as const);
  assert.is(fork.runToEnd(typed[Symbol.iterator]()), 6 << 8);
  assert.match(text(fork.screen), /\n1\r\n/);
  assert.is(session.position.seq, seq);
});
test("a pipe that nobody reads any more ends its writer by SIGPIPE, and the recording replays", () => {
  const shell = new Sitting(["/bin/sh", "-c", "yes; echo status $? >&2; exit 4"], 80, 24, ["pipe", "pipe", "pipe"]);
  shell.session.input({ source: "closed", to: "stdout" });
  shell.pass(0);
  const { length, screen } = shell.session;
  assert.is(shell.status, 4 << 8);
  assert.match(Buffer.from(screen).toString("latin1"), /status 141\n$/);
  shell.session.goto({ seq: 0, plus: 0 });
  shell.session.goto({ seq: length, plus: 0 });
  assert.is(shell.status, 4 << 8);
});
test.run();
