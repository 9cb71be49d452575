import { test } from "uvu";
import * as assert from "uvu/assert";
import { MemoryFile } from "../../events/log/memory-file.ts";
import { LogReader } from "../../events/log/reader.ts";
import { LogWriter } from "../../events/log/writer.ts";
import { LogHistory } from "../../snapshots/history.ts";
import { Navigator } from "../../snapshots/navigator.ts";
import { every, type Placement, usual } from "../../snapshots/placement.ts";
import { Recorder } from "../../snapshots/recorder.ts";
import { randomOf } from "../events/sample-events.ts";
import { ToyMachine, toyFactory } from "./toy-machine.ts";

const COUNT = 20_000;
/** The value of the machine's sum after each event. */
const sums: number[] = [];
function record(placement: Placement = every(1000, 1_000_000)): Uint8Array {
  const sink = new MemoryFile();
  const recorder = new Recorder(new LogWriter(sink, { image: { name: "toy", digest: "sha256:00" } }), placement);
  const machine = new ToyMachine();
  sums.length = 0;
  machine.onEvent = (event, seq) => {
    recorder.onEvent(event, seq);
    sums[seq + 1] = machine.sum;
  };
  machine.boot();
  recorder.attach(machine, machine.snapshot().state);
  while (machine.position.seq < COUNT) {
    machine.run({ seq: machine.position.seq + 10, tick: 0 });
    recorder.settle();
  }
  recorder.close();
  return sink.bytes;
}
const bytes = record();
function opened(from: Uint8Array = bytes) {
  const log = new LogReader(new MemoryFile(from));
  const history = new LogHistory(log);
  const factory = toyFactory(history);
  return { log, history, factory, navigator: new Navigator(history, factory) };
}

test("two recordings are the same file", () => {
  assert.is(Buffer.compare(record(), bytes), 0);
});
test("with many pages keyframes are farther apart", () => {
  assert.ok(usual.isDue(30_000, 0, 1000, 0));
  assert.not(usual.isDue(30_000, 0, 4000, 0));
  assert.ok(usual.isDue(96_000, 0, 4000, 0));
  assert.not(usual.isDue(1, 1.9e9, 600, 0));
  assert.ok(usual.isDue(1, 2e9, 600, 0));
  assert.not(usual.isDue(1, 2e9, 4000, 0));
  assert.ok(usual.isDue(1, 3.2e9, 4000, 0));
});
test("where each keyframe stores much they are farther apart, but not ever farther", () => {
  assert.ok(usual.isDue(27_000, 0, 1000, 160));
  assert.not(usual.isDue(60_000, 0, 1000, 500));
  assert.ok(usual.isDue(80_000, 0, 1000, 500));
  assert.ok(usual.isDue(108_000, 0, 1000, 1e6));
  assert.ok(usual.isDue(1, 2e9, 600, 1e6));
});
test("keyframes lie where the placement wants them, and cost little", () => {
  const { history } = opened();
  assert.ok(history.keyframes.length >= 19);
  assert.ok(bytes.length < 40 * COUNT);
});
test("any event is reached with the state it had, from wherever one is", () => {
  const { navigator, history } = opened();
  const random = randomOf(5);
  for (let i = 0; i < 300; i++) {
    const seq = random(3) ? random(COUNT) : Math.max(1, navigator.position.seq + random(21) - 10);
    assert.is(navigator.gotoEvent(seq), undefined);
    const here = navigator.position;
    assert.ok(here.seq === Math.max(1, seq) || (here.seq === seq + 1 && history.event(seq)!.kind === "exit"), `${here.seq} instead of ${seq}`);
    assert.is(navigator.machine.snapshot().registers.get(1)![0], sums[here.seq]! & 255);
  }
});
test("a position between events is reached too", () => {
  const { navigator, history } = opened();
  const seq = Array.from({ length: COUNT }, (_, i) => i).find(i => history.event(i + 1)!.tick - history.event(i)!.tick > 200_000)!;
  assert.is(navigator.gotoEvent(seq + 1, 150_000), undefined);
  assert.equal(navigator.position, { seq: seq + 1, tick: history.event(seq)!.tick + 150_000 });
  assert.is(navigator.back(), undefined);
  assert.equal(navigator.position, { seq: seq + 1, tick: history.event(seq)!.tick });
});
test("steps back visit every place where one can stand, and execute little", () => {
  const { navigator, factory, history } = opened();
  navigator.gotoEvent(15_000);
  const machine = factory.machines[0]!;
  let { seq } = navigator.position;
  const before = machine.executed;
  for (let i = 0; i < 1000; i++) {
    navigator.back();
    const step = seq - navigator.position.seq;
    assert.ok(step === 1 || (step === 2 && history.event(seq - 1)!.kind === "exit"), `from ${seq} to ${navigator.position.seq}`);
    seq = navigator.position.seq;
  }
  assert.ok(machine.executed - before < 20_000, `${machine.executed - before} events executed`);
  navigator.forward();
  assert.ok(navigator.position.seq > seq);
});
test("back stops at the beginning, forward at the end", () => {
  const { navigator, history } = opened();
  navigator.gotoEvent(3);
  for (let i = 0; i < 5; i++) navigator.back();
  assert.is(navigator.position.seq, 1);
  navigator.gotoEvent(1e9);
  assert.is(navigator.position.seq, history.length);
});
test("snapshots are released", () => {
  const { navigator, factory } = opened();
  const random = randomOf(6);
  for (let i = 0; i < 100; i++) navigator.gotoEvent(random(COUNT));
  assert.ok(factory.machines[0]!.held <= 40, `${factory.machines[0]!.held} are held`);
});
test("a machine that behaves differently is found at its first different event, and can go on elsewhere", () => {
  const { log } = opened();
  const wrong = {
    length: log.length,
    event: (seq: number) => (seq === 777 ? ({ kind: "timer", tick: 5 } as const) : log.event(seq)),
    seqAtTick: (tick: number) => log.seqAtTick(tick),
    keyframes: [],
  };
  const navigator = new Navigator(wrong, toyFactory(wrong));
  assert.is(navigator.gotoEvent(700), undefined);
  const divergence = navigator.gotoEvent(5000)!;
  assert.is(divergence.seq, 777);
  assert.is(divergence.expected?.kind, "timer");
  assert.is(divergence.path, "kind");
  assert.is(navigator.gotoEvent(300), undefined);
  assert.is(navigator.position.seq, 300);
});
test("damaged keyframes are passed over", () => {
  const { log } = opened();
  const spoilt = bytes.slice();
  for (const { offset } of log.keyframes) spoilt[offset + 30]! ^= 1;
  const { navigator, factory } = opened(spoilt);
  assert.is(navigator.gotoEvent(10_000), undefined);
  assert.is(navigator.machine.snapshot().registers.get(1)![0], sums[10_000]! & 255);
  assert.ok(factory.machines[0]!.executed >= 10_000);
});

test.run();
