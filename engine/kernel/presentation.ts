// A call is presented to its reducer: for the first time, or again after it waited. The answer is its result and what it stores in guest memory.
import type { CallResult } from "../../events/kernel-event.ts";
import type { Errno } from "../abi/errno.ts";
import { isRestart } from "../abi/errno.ts";
import { type Bytes, Fault, type Raw, type Store } from "../abi/memory-view.ts";
import type { Row } from "../abi/row.ts";
import { syscallByNumber } from "../abi/syscalls.ts";
import { type Decoded, decodeArguments, encodeOuts, NO_STORES, parametersOf, RecordedReader } from "./call-decoding.ts";
import type { Kernel } from "./kernel.ts";
import { interruptCall } from "./objects/signal-choice.ts";
import { taskOf } from "./objects/tasks.ts";
import { sleep } from "./objects/waiting.ts";
import { type Call, fail, type Outcome } from "./service.ts";
import { reducerOf } from "./services.ts";
import type { Due } from "./state/proc-table.ts";
import type { KernelStore } from "./store.ts";

export interface Presented {
  readonly task: number;
  readonly number: number;
  readonly raws: readonly Raw[];
  readonly reads: readonly (Bytes | null)[];
  readonly unwritable: readonly number[];
}
export interface Answer {
  readonly result: CallResult;
  readonly stores: readonly Store[];
}
const failed = (errno: Errno | string): Answer => ({ result: { kind: "fail", errno }, stores: NO_STORES });
const BLOCKED: Answer = { result: { kind: "block" }, stores: NO_STORES };
const GONE: Answer = { result: { kind: "gone" }, stores: NO_STORES };

/** The arguments of calls that wait, by task: what decoding them again would give. Other machines' tasks have the same numbers, but never the same raws. */
const decodedWaiting = new Map<number, { readonly raws: readonly Raw[]; readonly decoded: Decoded }>();
const MOST_KEPT = 1000;
function keepDecoded({ task, raws }: Presented, decoded: Decoded): void {
  if (decodedWaiting.size >= MOST_KEPT) decodedWaiting.clear();
  decodedWaiting.set(task, { raws, decoded });
}
function takeDecoded({ task, raws }: Presented): Decoded | undefined {
  const kept = decodedWaiting.get(task);
  decodedWaiting.delete(task);
  return kept?.raws === raws ? kept.decoded : undefined;
}

/** Presents the call at `tick`; where it blocks, its task sleeps. A call that fails leaves no trace in the state but a restart's. */
export function present(store: KernelStore, tick: number, call: Presented, due: Due, memo: unknown, decoded?: Decoded): Answer {
  const found = syscallByNumber(call.number);
  if (!found) return failed("ENOSYS");
  const [name, row] = found;
  const reducer = reducerOf(name);
  if (!reducer) return failed(row.errno ?? "ENOSYS");

  const known = decoded ?? takeDecoded(call) ?? decodeArguments(row, call.raws, new RecordedReader(call.reads));
  if (!known.isFaulty && call.unwritable.length === 0) {
    const kernel = store.at(tick);
    return settle(kernel, call, row, known, reducer(kernel, presentedTo(kernel, call, known, due, memo)));
  }
  return store.attempt(
    tick,
    kernel => {
      try {
        const outcome = reducer(kernel, presentedTo(kernel, call, known, due, memo));
        return outcome.kind === "done" && isSpoilt(call, row, known, outcome.outs) ? failed("EFAULT") : settle(kernel, call, row, known, outcome);
      } catch (error) {
        if (error instanceof Fault) return settle(kernel, call, row, known, fail("EFAULT"));
        throw error;
      }
    },
    answer => answer.result.kind !== "fail" || isRestart(answer.result.errno),
  );
}
type Outs = Readonly<Record<string, unknown>>;
const presentedTo = (kernel: Kernel, { task, raws }: Presented, { args, shown }: Decoded, due: Due, memo: unknown): Call<unknown> => ({
  tid: task,
  pid: taskOf(kernel, task).pid,
  args,
  raws,
  due,
  memo,
  shown,
});
/** What the reducer answered becomes result and stores; where it blocks, the task sleeps. */
function settle(kernel: Kernel, call: Presented, row: Row, known: Decoded, outcome: Outcome<Outs>): Answer {
  if (outcome.kind === "done") return { result: { kind: "done", value: outcome.value }, stores: encodeOuts(row, known.named, outcome.outs) };
  if (outcome.kind === "gone") return GONE;
  if (outcome.kind === "fail") {
    if (isRestart(outcome.errno)) interruptCall(kernel, call.task, call.number, outcome.errno);
    return failed(outcome.errno);
  }
  const { channels, deadlineNanos, memo } = outcome.until;
  keepDecoded(call, known);
  sleep(kernel, call.task, {
    number: call.number,
    raws: call.raws,
    reads: call.reads,
    unwritable: [...call.unwritable],
    channels: [...channels],
    deadlineNanos: deadlineNanos ?? null,
    memo: memo ?? null,
  });
  return BLOCKED;
}
/** Something is to be stored where nothing can be. */
const isSpoilt = ({ unwritable }: Presented, row: Row, { named }: Decoded, outs: Outs): boolean =>
  unwritable.some(i => {
    const { name, arg } = parametersOf(row)[i]!;
    return (arg.encode?.(outs[name], named[name]!, named).length ?? 0) > 0;
  });
