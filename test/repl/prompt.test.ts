// Commands as they are typed, on a scripted guest.
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { History, historyFile } from "../../repl/model/history.ts";
import { Prompt } from "../../repl/model/prompt.ts";
import { Workbench } from "../../repl/model/workbench.ts";
import { Recordings } from "../../repl/recordings.ts";
import { commands } from "../../repl/repl-commands/table.ts";
import { readRefs } from "../../snapshots/refs.ts";
import { FakeGuest, scriptedEvents } from "./fake-guest.ts";

function open(recorded = 60, history = new History()): { prompt: Prompt; bench: Workbench; guest: FakeGuest; said: () => string } {
  const guest = new FakeGuest(scriptedEvents(100), recorded);
  const bench = new Workbench(guest);
  const prompt = new Prompt(bench, commands, history);
  return { prompt, bench, guest, said: () => bench.console.lines.map(({ text }) => text).join("\n") };
}
const type = (prompt: Prompt, text: string): void => {
  for (const letter of text) prompt.press(letter, { name: letter });
};

const moving = suite("moving");
moving("goto takes every form of position", async () => {
  const { prompt, guest } = open();
  for (const [text, seq] of [
    ["goto 12", 12],
    ["tt 50%", 30],
    ["jump @{7}", 7],
    ["goto HEAD~3", 4],
    ["+5", 9],
    ["goto end", 60],
    ["back", 59],
    ["back 9", 50],
    ["forward 2", 52],
  ] as const) {
    await prompt.execute(text);
    assert.is(guest.position.seq, seq, text);
  }
});
moving("an instruction after an event is a position too", async () => {
  const { prompt, guest } = open();
  await prompt.execute("goto 12+31");
  assert.equal(guest.position, { seq: 12, tick: 1131 });
  await prompt.execute("rsi");
  assert.equal(guest.position, { seq: 12, tick: 1130 });
  await prompt.execute("goto 12");
  await prompt.execute("rsi");
  assert.equal(guest.position, { seq: 11, tick: 1099 });
  await prompt.execute("stepi");
  assert.equal(guest.position, { seq: 12, tick: 1100 });
});
moving("a breakpoint stops forward and backward, and past the recorded end", async () => {
  const { prompt, guest, said } = open();
  await prompt.execute("goto 1");
  await prompt.execute("break openat");
  await prompt.execute("continue");
  assert.is(guest.position.seq, 2);
  await prompt.execute("c");
  assert.is(guest.position.seq, 5);
  await prompt.execute("rc");
  assert.is(guest.position.seq, 2);
  await prompt.execute("goto end");
  await prompt.execute("c");
  assert.is(guest.position.seq, 62);
  assert.match(said(), /Breakpoint 1\. 61 {2}\[pid 2\] openat/);
});
moving("a temporary breakpoint is gone once hit", async () => {
  const { prompt, bench } = open();
  await prompt.execute("goto 1");
  await prompt.execute("tbreak signal SIGINT");
  await prompt.execute("c");
  assert.is(bench.guest.position.seq, 10);
  assert.is(bench.breakpoints.list.length, 0);
});
moving("step shows the event, an empty line repeats it", async () => {
  const { prompt, guest, said } = open();
  await prompt.execute("goto 3");
  await prompt.execute("step");
  assert.is(guest.position.seq, 4);
  assert.match(said(), /3 {2}\[pid 2\] write\(1, "hi\\n", 3\)/);
  prompt.press("\r", { name: "return" });
  await new Promise(resolve => setTimeout(resolve, 20));
  assert.is(guest.position.seq, 5);
});
moving("the end of the record is told, then the guest's own end", async () => {
  const { prompt, said } = open();
  await prompt.execute("goto 5");
  await prompt.execute("c");
  assert.match(said(), /end of what is recorded, at 60/);
  await prompt.execute("c");
  assert.match(said(), /guest has ended: exit status 0/);
});

const branching = suite("branching");
branching("fork leaves the parent as it was, checkout returns to it", async () => {
  const { prompt, bench, guest, said } = open();
  await prompt.execute("goto 20");
  await prompt.execute("fork fix");
  assert.is(bench.guest.name, "fix");
  assert.is(guest.length, 60);
  await prompt.execute("checkout main");
  assert.is(bench.guest, guest);
  await prompt.execute("diff main..fix");
  assert.match(said(), /first differ at event 20/);
});
branching("tags and checkpoints name positions", async () => {
  const { prompt, guest } = open();
  await prompt.execute("goto 20");
  await prompt.execute("tag here");
  await prompt.execute("checkpoint");
  await prompt.execute("goto 3");
  await prompt.execute("goto here");
  assert.is(guest.position.seq, 20);
  await prompt.execute("goto 3");
  await prompt.execute("restart 1");
  assert.is(guest.position.seq, 20);
});
branching("tags are kept with the store's, and are there in the next sitting", async () => {
  const recordings = new Recordings(mkdtempSync(join(tmpdir(), "chronix-tags-")));
  const sit = () => {
    const bench = new Workbench(new FakeGuest(scriptedEvents(100), 60), { keeping: recordings.keeping(recordings.pathFor("first")) });
    return { bench, prompt: new Prompt(bench, commands, new History()) };
  };
  const { prompt } = sit();
  for (const line of ["goto 20", "tag here", "goto 30", "fork fix", "tag there"]) await prompt.execute(line);
  const { tags } = readRefs(recordings.folder);
  assert.is(tags.here!.timeline, "first");
  assert.is(tags.here!.position.seq, 20);
  assert.is(tags.there!.timeline, "first.fix");
  const next = sit();
  await next.prompt.execute("goto here");
  assert.is(next.bench.guest.position.seq, 20);
  assert.not(next.bench.timelines.tags.has("there"));
});
branching("input goes to the guest at the end only", async () => {
  const { prompt, guest, said } = open();
  await prompt.execute("goto 20");
  await prompt.execute("input ls");
  assert.is(guest.inputs.length, 0);
  assert.match(said(), /This is the past/);
  await prompt.execute("goto end");
  await prompt.execute("input ls");
  assert.is(Buffer.from((guest.inputs[0] as { bytes: Uint8Array }).bytes).toString(), "ls\r");
});
branching("dispatch performs a call on a copy", async () => {
  const { prompt, said } = open();
  await prompt.execute("dispatch getpid");
  assert.match(said(), /getpid\(\)\s+= 2/);
  await prompt.execute('dispatch openat -100 "/nowhere" 0');
  assert.match(said(), /openat\(AT_FDCWD, "\/nowhere", O_RDONLY\)\s+= -1 ENOENT/);
});

const looking = suite("looking");
looking("the state can be looked at", async () => {
  const { prompt, said } = open();
  for (const command of [
    "ps",
    "fds",
    "maps",
    "info signals",
    "info reg",
    "ls /bin",
    "x/4gx $rsp",
    "p $rip",
    "disassemble",
    "log",
    "when",
    "when-ticks",
    "help",
  ])
    await prompt.execute(command);
  assert.match(said(), /2 .* R .*hello/);
  assert.match(said(), /rip +0x0/);
  assert.match(said(), /hello/);
  assert.match(said(), /0x0: {2}0x9090909090909090/);
  assert.match(said(), /reverse-continue, rc/);
});
looking("mistakes are sentences", async () => {
  const { prompt, said } = open();
  for (const command of ["frobnicate", "re", "goto 9999", "goto x", "break nosuchcall", "cat /nowhere", "checkout nothing", "x/zz 1"])
    await prompt.execute(command);
  for (const line of said()
    .split("\n")
    .filter(text => !text.startsWith(">")))
    assert.match(line, /\.$/, line);
});

const completing = suite("completing");
completing("commands, calls and paths", () => {
  const { prompt } = open();
  type(prompt, "reverse-c");
  prompt.press("\t", { name: "tab" });
  assert.is(prompt.line.text, "reverse-continue ");
  prompt.press(undefined, { name: "u", ctrl: true });
  type(prompt, "break opena");
  prompt.press("\t", { name: "tab" });
  assert.is(prompt.line.text, "break openat");
  assert.equal(prompt.candidates, ["openat", "openat2"]);
  prompt.press(undefined, { name: "u", ctrl: true });
  type(prompt, "cat /etc/passw");
  prompt.press("\t", { name: "tab" });
  assert.is(prompt.line.text, "cat /etc/passwd ");
});
completing("history persists and comes back with the arrow", async () => {
  const path = historyFile({ XDG_STATE_HOME: mkdtempSync(join(tmpdir(), "chronix-history-")) });
  const { prompt } = open(60, new History(path));
  await prompt.execute("when");
  await prompt.execute("ps");
  assert.is(readFileSync(path, "utf8"), "when\nps\n");
  const { prompt: later } = open(60, new History(path));
  later.press(undefined, { name: "up" });
  later.press(undefined, { name: "up" });
  assert.is(later.line.text, "when");
  later.press(undefined, { name: "down" });
  assert.is(later.line.text, "ps");
});
for (const one of [moving, branching, looking, completing]) one.run();
