// A tour without a terminal: records a script, shows its trace, rewinds, forks with another input, compares, and replays. What `npm start` does in a pipe.

import { join } from "node:path";
import { Tracer } from "../engine/abi/trace-text.ts";
import type { Image } from "../engine/loader/image.ts";
import type { KernelEvent } from "../events/kernel-event.ts";
import { BUSYBOX } from "../guest-images/busybox.ts";
import { firstDifferentEvent } from "../snapshots/difference.ts";
import { Session } from "../snapshots/session.ts";
import { divergenceText, replayTo } from "./commands/replay.ts";
import { Failure } from "./failure.ts";
import { isBytesInput, runFork } from "./forking.ts";
import { defaultGuestOptions } from "./guest-option-defaults.ts";
import { bootRequest } from "./guest-options.ts";
import { ensureDefaultImage } from "./images.ts";
import { differenceText } from "./model/difference-text.ts";
import { callSet } from "./model/event-filter.ts";
import { callOf, eventText } from "./model/event-text.ts";
import { grouped } from "./model/moments.ts";
import { prebuiltInterpreter } from "./prebuilt.ts";
import { Recordings } from "./recordings.ts";
import { stateDifferenceText } from "./state-difference.ts";
import { timelineTree } from "./timeline-text.ts";

interface Stop {
  readonly program: readonly string[];
  readonly input: string;
  readonly changedInput: string;
  /** The calls whose trace is printed. */
  readonly calls: string;
  /** Where to rewind to. */
  readonly isSought: (event: KernelEvent) => boolean;
}
const SCRIPT = 'read name; echo "Hello, $name" > /tmp/greeting; cat /tmp/greeting | tr a-z A-Z';
const calls = (name: string, part: string) => (event: KernelEvent) => callOf(event) === name && eventText(event).includes(part);
const withBusybox: Stop = {
  program: ["sh", "-c", SCRIPT],
  input: "world\n",
  changedInput: "Chronix\n",
  calls: "execve,openat,read,write,pipe,pipe2,clone,fork,vfork,dup2,wait4,exit_group",
  isSought: calls("openat", "/tmp/greeting"),
};
const withDemo: Stop = {
  program: ["menu"],
  input: "hello\n",
  changedInput: "pipeline\n",
  calls: "execve,read,write,pipe,pipe2,clone,fork,vfork,wait4,exit,exit_group",
  isSought: calls("execve", "hello"),
};

const say = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
const heading = (text: string): void => say(`\n== ${text}`);

export async function tour(): Promise<void> {
  const image = await ensureDefaultImage(say);
  const stop = image.name === BUSYBOX ? withBusybox : withDemo;
  const recordings = new Recordings();
  const path = recordings.freshPath("tour");
  heading(`Recording ${stop.program.join(" ")} with the input ${JSON.stringify(stop.input)}`);
  const session = record(image, stop, path);
  heading("Its trace");
  showTrace(session, stop);
  const child = forkWithOtherInput(session, stop);
  heading("The two timelines");
  say(timelineTree([{ ...session.timeline, children: [child.timeline] }]));
  heading("Their first difference");
  say(differenceText("main", "fork", firstDifferentEvent(session.history, child.history)));
  process.stdout.write(stateDifferenceText(session, child, child.forkedAt!));
  child.close();
  session.close();
  heading("Replaying the log");
  replayLog(recordings, path);
}
function record(image: Image, { program, input }: Stop, path: string): Session {
  const request = bootRequest({ ...defaultGuestOptions, image: image.digest }, program, {
    standard: ["pipe", "pipe", "pipe"],
    terminal: { columns: 80, rows: 24 },
  });
  const session = Session.boot(request, {
    path,
    name: "main",
    processor: prebuiltInterpreter(),
    output: (_, bytes) => process.stdout.write(bytes as Uint8Array),
    now: Date.now,
  });
  runWith(session, [Buffer.from(input), null]);
  const { seq, tick } = session.position;
  say(`(${grouped(seq)} events, ${grouped(tick)} instructions, in ${path})`);
  return session;
}
/** Gives the inputs one after another, whenever everybody sleeps. */
function runWith(session: Session, inputs: readonly (Uint8Array | null)[]): void {
  const left = [...inputs];
  for (;;) {
    const stop = session.run({ seq: Number.MAX_SAFE_INTEGER, tick: 0 });
    if (stop.kind === "halted") return;
    if (stop.kind !== "asleep") continue;
    const bytes = left.shift();
    if (bytes !== undefined) session.input({ source: "stdin", bytes });
    else if (stop.untilNanos !== undefined) session.skip(stop.untilNanos);
    else return;
  }
}
function showTrace(session: Session, { calls: shown }: Stop): void {
  const has = callSet(shown);
  const tracer = new Tracer({ shows: has });
  let text = "";
  for (let seq = 0; seq < session.length; seq++) text += tracer.next(session.event(seq)!);
  say(`${text}${tracer.end()}`.trimEnd());
}
function find(session: Session, isSought: (event: KernelEvent) => boolean): number {
  for (let seq = 0; seq < session.length; seq++) if (isSought(session.event(seq)!)) return seq;
  throw new Failure("The tour did not find the event it looks for; the recording is another than it expects.");
}
function forkWithOtherInput(session: Session, { isSought, changedInput }: Stop): Session {
  const sought = find(session, isSought);
  heading(`Rewinding to event ${sought}`);
  const began = performance.now();
  session.goto({ seq: sought, plus: 0 });
  say(`at ${sought} of ${session.length}, before ${eventText(session.event(sought)!)} (${(performance.now() - began).toFixed(0)} ms)`);
  const input = find(session, isBytesInput);
  heading(`Forking at event ${input}, with the input ${JSON.stringify(changedInput)}`);
  session.goto({ seq: input, plus: 0 });
  const child = session.fork([{ kind: "input", seq: input, bytes: Buffer.from(changedInput) }], {
    name: "fork",
    output: (_, bytes) => process.stdout.write(bytes as Uint8Array),
  });
  runFork(child);
  return child;
}
function replayLog(recordings: Recordings, path: string): void {
  const session = recordings.open(recordings.find(path));
  const divergence = replayTo(session, session.length);
  if (divergence) throw new Failure(divergenceText(divergence));
  say(`identical: ${grouped(session.position.seq)} events, ${grouped(session.position.tick)} instructions`);
  say(`\nLook around in it with: chronix repl ${join(path)}`);
}
