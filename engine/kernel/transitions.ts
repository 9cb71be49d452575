// What each kind of event does to the kernel's state: with the calls' reducers, the whole of its dynamics. Folding a log through these alone gives its states.
import type { KernelEvent } from "../../events/kernel-event.ts";
import { syscallByNumber } from "../abi/syscalls.ts";
import type { Decoded } from "./call-decoding.ts";
import { takeInput } from "./input.ts";
import type { Kernel } from "./kernel.ts";
import { forgetSeeking } from "./kinds/world-input.ts";
import { writeCore } from "./objects/core-file.ts";
import { finishEnd } from "./objects/exits.ts";
import { abandonFutexes } from "./objects/futex-owners.ts";
import { rotate } from "./objects/scheduling.ts";
import { enforce } from "./objects/seccomp.ts";
import { type FrameRequest, postFault, takeAction } from "./objects/signal-delivery.ts";
import { writeBack } from "./objects/spaces.ts";
import { taskOf } from "./objects/tasks.ts";
import { expire } from "./objects/timers.ts";
import { beginCall, endCall, trap } from "./objects/trace-stops.ts";
import { type Answer, present } from "./presentation.ts";
import type { KernelStore } from "./store.ts";

/** An event before it has happened: what the reducers add is missing. */
export type Intent<E = KernelEvent> = E extends KernelEvent ? Omit<E, "result" | "stores"> : never;
export interface Reduced {
  readonly answer?: Answer;
  /** A handler is to be entered: the machine builds its stack frame. */
  readonly frame?: FrameRequest;
}
type Kind = Exclude<KernelEvent["kind"], "boot">;
type IntentOf<K extends Kind> = Intent<Extract<KernelEvent, { kind: K }>>;
const NOTHING: Reduced = {};

const quiet =
  <K extends Kind>(change: (kernel: Kernel, event: IntentOf<K>) => void) =>
  (store: KernelStore, event: IntentOf<K>): Reduced => {
    change(store.at(event.tick), event);
    return NOTHING;
  };

function answerTo(store: KernelStore, event: IntentOf<"syscall">, decoded?: Decoded): Answer {
  if (event.injected !== undefined) return { result: { kind: "fail", errno: event.injected }, stores: [] };
  return present(store, event.tick, event, "run", null, decoded);
}

const transitions: { readonly [K in Kind]: (store: KernelStore, event: IntentOf<K>, decoded?: Decoded) => Reduced } = {
  syscall(store, event, decoded) {
    const kernel = store.at(event.tick);
    store.countCall();
    const { traced } = kernel.procTable;
    // Only tasks with seccomp(2) in force have this.
    const forbidden = event.filtered && event.injected === undefined && enforce(kernel, event.task, event.number, event.filtered);
    if (traced) beginCall(kernel, event.task, event.number);
    const answer = forbidden || answerTo(store, event, decoded);
    if (traced) endCall(store.at(event.tick), event.task, event.number, answer.result);
    return { answer };
  },
  resume(store, event) {
    const kernel = store.at(event.tick);
    const task = kernel.procTable.tasks.get(event.task)!;
    const { waiting, due } = task;
    if (!waiting) throw new Error(`Task ${event.task} is presented with its call again at tick ${event.tick}, but waits for none.`);
    task.waiting = null;
    task.due = "run";
    const { number, raws, reads, unwritable, holes, memo } = waiting;
    if (kernel.procTable.traced) beginCall(kernel, event.task, number);
    const answer = present(store, event.tick, { task: event.task, number, raws, reads, unwritable, holes }, due, memo);
    if (kernel.procTable.traced) endCall(store.at(event.tick), event.task, number, answer.result);
    return { answer };
  },
  signal(store, event) {
    const frame = takeAction(store.at(event.tick), event.task, event.action);
    return frame ? { frame } : NOTHING;
  },
  fault: quiet((kernel, event) => postFault(kernel, event.task, event)),
  switch: quiet(kernel => rotate(kernel)),
  timer: quiet(kernel => expire(kernel)),
  idle: quiet((kernel, event) => {
    kernel.skip(event.nanos);
    forgetSeeking(kernel);
  }),
  writeback: quiet((kernel, event) => writeBack(kernel, event.inode, event.index, event.bytes)),
  abandon: quiet((kernel, event) => abandonFutexes(kernel, event.task, event.words)),
  dump: quiet((kernel, event) => writeCore(kernel, event)),
  trap: quiet((kernel, event) => {
    if (event.at === "rest" && taskOf(kernel, event.task).ending !== undefined) finishEnd(kernel, event.task);
    else trap(kernel, event);
  }),
  input: quiet((kernel, event) => takeInput(kernel, event.input)),
  exit: quiet(() => {}),
};

/** Performs what the event says on the state; answers what the machine must do to registers and memory besides the effects. */
export function reduce(store: KernelStore, event: Intent, decoded?: Decoded): Reduced {
  if (event.kind === "boot") throw new Error("A boot event makes the state; it cannot be reduced on one.");
  // Nearly all are these, and to look for a kind by its name takes as long as many a reducer.
  if (event.kind === "syscall") return transitions.syscall(store, event, decoded);
  if (event.kind === "resume") return transitions.resume(store, event);
  return (transitions[event.kind] as (store: KernelStore, event: Intent, decoded?: Decoded) => Reduced)(store, event, decoded);
}

/** The name of a call, for sentences. */
export const callName = (number: number): string => syscallByNumber(number)?.[0] ?? `syscall_${number}`;
