import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { FileSink } from "../../events/log/file-sink.ts";
import type { Change, Origin } from "../../events/log/header.ts";
import { MemoryFile } from "../../events/log/memory-file.ts";
import { LogReader } from "../../events/log/reader.ts";
import { LogWriter } from "../../events/log/writer.ts";
import { changedInputs, changedParameters, injections } from "../../snapshots/changes.ts";
import { differences, firstDifferentEvent } from "../../snapshots/difference.ts";
import { closeLogFolder, openLogFolder } from "../../snapshots/log-folder.ts";
import { readRefs, resolveRevision, writeRefs } from "../../snapshots/refs.ts";
import { originOf, TimelineTree } from "../../snapshots/timeline.ts";
import { parameters, sampleEvents } from "../events/sample-events.ts";

const image = { name: "i", digest: "d" };
function recorded(events: readonly KernelEvent[], origin?: Origin): LogReader {
  const sink = new MemoryFile();
  const writer = new LogWriter(sink, { image, ...(origin ? { origin } : {}) }, { blockEvents: 10 });
  for (const event of events) writer.append(event);
  writer.close();
  return new LogReader(new MemoryFile(sink.bytes));
}
const events = sampleEvents(100);
const root = recorded(events);
const after = (seq: number) => ({ seq, tick: events[seq - 1]!.tick });
const only = (log: LogReader) => new TimelineTree([["main", log]]).timelines.get("main")!;
const inject: readonly Change[] = [{ kind: "inject", seq: 60, errno: "EIO" }];
const changed: KernelEvent = { kind: "idle", tick: after(61).tick, nanos: 1 };
const fork = recorded([changed, ...events.slice(61)], originOf(only(root), after(60), inject));

test("a fork finds its parent by what came before, and has its past", () => {
  const stranger = recorded(sampleEvents(100, 9));
  const tree = new TimelineTree([
    ["stranger", stranger],
    ["fix", fork],
    ["main", root],
  ]);
  const timeline = tree.timelines.get("fix")!;
  assert.is(timeline.parent?.name, "main");
  assert.equal(timeline.changes, inject);
  assert.equal(
    tree.roots.map(({ name }) => name),
    ["stranger", "main"],
  );
  assert.equal(
    tree.timelines.get("main")!.children.map(({ name }) => name),
    ["fix"],
  );
  const history = tree.history(timeline);
  assert.is(history.length, 100);
  assert.equal(history.event(30), root.event(30));
  assert.equal(history.event(60), changed);
  assert.is(firstDifferentEvent(tree.history(timeline.parent!), history)?.seq, 60);
  assert.equal(tree.meeting(timeline, timeline.parent!), after(60));
  assert.is(tree.meeting(timeline, tree.timelines.get("stranger")!), undefined);
});
test("a fork of a fork may lie before the first fork", () => {
  const both = new TimelineTree([
    ["main", root],
    ["fix", fork],
  ]);
  const again = recorded(events.slice(80), originOf(both.timelines.get("fix")!, after(80), []));
  const early = recorded(events.slice(20), originOf(both.timelines.get("fix")!, after(20), []));
  const other = recorded(events, originOf(both.timelines.get("fix")!, { seq: 0, tick: 0 }, [{ kind: "seed", seed: 7 }]));
  const tree = new TimelineTree([
    ["again", again],
    ["early", early],
    ["fix", fork],
    ["main", root],
    ["other", other],
  ]);
  const parents = Object.fromEntries([...tree.timelines.values()].map(({ name, parent }) => [name, parent?.name]));
  assert.equal(parents, { again: "fix", early: "main", fix: "main", main: undefined, other: "main" });
  assert.equal(tree.history(tree.timelines.get("again")!).event(60), changed);
  assert.equal(tree.meeting(tree.timelines.get("again")!, tree.timelines.get("early")!), after(20));
});
test("a fork's digest depends on its past and its changes", () => {
  const digests = [
    fork,
    recorded([changed, ...events.slice(61)], originOf(only(root), after(60), [])),
    recorded([changed, ...events.slice(61)], originOf(only(root), after(59), inject)),
  ];
  assert.is(new Set(digests.map(log => log.digest())).size, 3);
  assert.is(recorded([changed, ...events.slice(61)], originOf(only(root), after(60), inject)).digest(), fork.digest());
});
test("a folder of logs: what can be opened, and why the rest cannot", () => {
  const folder = mkdtempSync(join(tmpdir(), "chronix-"));
  try {
    const writer = new LogWriter(new FileSink(join(folder, "main.chronix")), { image });
    for (const event of events) writer.append(event);
    writer.close();
    writeFileSync(join(folder, "bad.chronix"), "nothing");
    writeFileSync(join(folder, "notes.txt"), "nothing");
    const opened = openLogFolder(folder);
    assert.equal([...opened.tree.timelines.keys()], ["main"]);
    assert.is(opened.tree.timelines.get("main")!.log.digest(), root.digest());
    assert.equal(opened.refused, [{ name: "bad", reason: "This is not a log of Chronix." }]);
    closeLogFolder(opened);
    assert.throws(() => new FileSink(join(folder, "no", "log.chronix")), /cannot be written: the folder does not exist\.$/);
    assert.equal(readRefs(folder), { branches: {}, tags: {} });
    const refs = { head: { timeline: "main", position: after(60) }, branches: { trunk: "main" }, tags: { start: { timeline: "main", position: after(1) } } };
    writeRefs(folder, refs);
    assert.equal(readRefs(folder), refs);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
test("revisions as in git", () => {
  const refs = {
    head: { timeline: "fix", position: { seq: 60, tick: 1 } },
    branches: { trunk: "main" },
    tags: { start: { timeline: "main", position: { seq: 1, tick: 0 } } },
  };
  const resolve = (text: string) => resolveRevision(text, refs, name => ({ main: 100, fix: 80 })[name]);
  assert.equal(resolve("HEAD"), { timeline: "fix", seq: 60, plus: 0 });
  assert.equal(resolve("HEAD~3"), { timeline: "fix", seq: 57, plus: 0 });
  assert.equal(resolve("HEAD~"), { timeline: "fix", seq: 59, plus: 0 });
  assert.equal(resolve("@{12+34}"), { timeline: "fix", seq: 12, plus: 34 });
  assert.equal(resolve("trunk"), { timeline: "main", seq: 100, plus: 0 });
  assert.equal(resolve("main@{5}"), { timeline: "main", seq: 5, plus: 0 });
  assert.equal(resolve("start"), { timeline: "main", seq: 1, plus: 0 });
  assert.equal(resolve("nowhere"), "There is no branch, tag or log nowhere.");
  assert.match(resolve("a~b") as string, /is no position/);
});
test("changes are applied to parameters, calls and inputs", () => {
  const changes: readonly Change[] = [
    { kind: "environment", name: "PATH", value: null },
    { kind: "environment", name: "A", value: "1" },
    { kind: "argv", argv: ["ls"] },
    { kind: "chaos", seed: 5 },
    { kind: "inject", seq: 9, errno: "EIO" },
    { kind: "input", seq: 1, bytes: Uint8Array.of(9) },
  ];
  const boot = changedParameters(parameters, changes);
  assert.equal([boot.environment, boot.argv, boot.chaos, boot.seed], [["A=1"], ["ls"], 5, 1]);
  assert.equal([injections(changes)(1, 0, 9), injections(changes)(1, 0, 8)], ["EIO", undefined]);
  const inputs = [0, 1, 2].map(n => ({ kind: "input", tick: n, input: { source: "stdin", bytes: Uint8Array.of(n) } }) as const);
  const source = { length: 3, event: (seq: number) => inputs[seq] };
  assert.equal(
    [...changedInputs(source, 1, changes)].map(input => input.source === "stdin" && input.bytes?.[0]),
    [9, 2],
  );
});
test("differences of states, as paths, and no more than asked for", () => {
  const shared = { x: [1, 2] };
  const a = { p: new Map([[3, { s: "ready", bytes: Uint8Array.of(1) }]]), list: [1, 2], same: shared, big: 1n };
  const b = { p: new Map([[3, { s: "waiting", bytes: Uint8Array.of(1) }]]), list: [1], same: shared, big: 2n, more: 1 };
  assert.equal(differences(a, b), {
    list: [
      { path: "p[3].s", a: "ready", b: "waiting" },
      { path: "list[1]", a: 2, b: undefined },
      { path: "big", a: 1n, b: 2n },
      { path: "more", a: undefined, b: 1 },
    ],
    hasMore: false,
  });
  assert.equal(differences(a, b, 2).list.length, 2);
  assert.is(differences(a, b, 2).hasMore, true);
  assert.equal(differences(a, a), { list: [], hasMore: false });
});

test.run();
