import { test } from "uvu";
import * as assert from "uvu/assert";
import type { KernelEvent } from "../../events/kernel-event.ts";
import { matching, where } from "../../events/query.ts";
import { EventStream } from "../../events/stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const events: readonly KernelEvent[] = [
  {
    kind: "syscall",
    tick: 1,
    task: 1,
    number: 257,
    raws: [-100, 4096, 0],
    reads: [bytes("/etc/passwd")],
    result: { kind: "fail", errno: "ENOENT" },
    stores: [],
  },
  { kind: "syscall", tick: 2, task: 2, number: 0, raws: [0, 4096, 9], reads: [], result: { kind: "block" }, stores: [] },
  { kind: "timer", tick: 3 },
  { kind: "resume", tick: 4, task: 2, number: 0, isInterrupted: false, result: { kind: "done", value: 0 }, stores: [] },
  { kind: "exit", tick: 5, task: 2, status: 0 },
];
const found = (query: Parameters<typeof matching>[0]) => events.flatMap((event, seq) => (matching(query)(event, seq) ? [seq] : []));

test("each condition finds what it names, and all must hold", () => {
  assert.equal(found({}), [0, 1, 2, 3, 4]);
  assert.equal(found({ kinds: ["timer", "exit"] }), [2, 4]);
  assert.equal(found({ tasks: [2] }), [1, 3, 4]);
  assert.equal(found({ calls: [0] }), [1, 3]);
  assert.equal(found({ errnos: ["ENOENT"] }), [0]);
  assert.equal(found({ path: "passwd" }), [0]);
  assert.equal(found({ path: "passwords" }), []);
  assert.equal(found({ seq: { from: 2, to: 4 } }), [2, 3]);
  assert.equal(found({ tasks: [2], kinds: ["resume"] }), [3]);
});

test("who watches is told at once, until they stop", () => {
  const stream = new EventStream();
  const seen: number[] = [];
  stream.publish(events[0]!, 0);
  const subscription = stream.events$.pipe(where({ tasks: [2] })).subscribe(({ seq }) => seen.push(seq));
  events.forEach((event, seq) => {
    stream.publish(event, seq);
    if (seq === 3) subscription.unsubscribe();
  });
  assert.equal(seen, [1, 3]);
});

test.run();
