// A call is presented to its reducer: for the first time, or again after it waited. The answer is its result and what it stores in guest memory.
import type { CallResult } from "../../events/kernel-event.ts";
import type { Errno } from "../abi/errno.ts";
import { isRestart } from "../abi/errno.ts";
import { type Bytes, Fault, type Raw, type Store } from "../abi/memory-view.ts";
import { syscallByNumber } from "../abi/syscalls.ts";
import { type Decoded, decodeArguments, encodeOuts, NO_STORES, RecordedReader } from "./call-decoding.ts";
import { type CallPlan, planOf } from "./call-plan.ts";
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
  readonly unwritable?: readonly number[];
  readonly holes?: readonly number[] | undefined;
}
export interface Answer {
  readonly result: CallResult;
  readonly stores: readonly Store[];
}
const failed = (errno: Errno | string): Answer => ({ result: { kind: "fail", errno }, stores: NO_STORES });
const BLOCKED: Answer = { result: { kind: "block" }, stores: NO_STORES };
const GONE: Answer = { result: { kind: "gone" }, stores: NO_STORES };

/** The arguments of calls that wait, by task: what decoding them again would give. Other machines' tasks have the same numbers, but never the same raws. */
const decodedWaiting = new Map<number, { raws: readonly Raw[] | undefined; decoded: Decoded | undefined }>();
const MOST_KEPT = 1000;
function keepDecoded({ task, raws }: Presented, decoded: Decoded): void {
  const kept = decodedWaiting.get(task);
  if (kept) {
    kept.raws = raws;
    kept.decoded = decoded;
    return;
  }
  if (decodedWaiting.size >= MOST_KEPT) decodedWaiting.clear();
  decodedWaiting.set(task, { raws, decoded });
}
/** Its place stays: a map from which much is deleted is made anew again and again. */
function takeDecoded({ task, raws }: Presented): Decoded | undefined {
  const kept = decodedWaiting.get(task);
  if (kept?.raws !== raws) return undefined;
  const { decoded } = kept;
  kept.raws = undefined;
  kept.decoded = undefined;
  return decoded;
}

/** What serves a call, by its number: to look for a name in so many takes as long as many a reducer. */
interface Served {
  readonly plan: CallPlan;
  readonly reducer: ReturnType<typeof reducerOf>;
}
const served: Served[] = [];
function servedBy(number: number): Served | undefined {
  const known = served[number];
  if (known) return known;
  const found = syscallByNumber(number);
  if (!found) return undefined;
  served[number] = { plan: planOf(number)!, reducer: reducerOf(found[0]) };
  return served[number];
}

type Outs = Readonly<Record<string, unknown>>;
/** A call about to be presented: what of it its reducer is given. */
interface Presenting {
  readonly call: Presented;
  readonly plan: CallPlan;
  readonly reducer: NonNullable<ReturnType<typeof reducerOf>>;
  readonly decoded: Decoded;
  readonly due: Due;
  readonly memo: unknown;
}
function reduced(kernel: Kernel, { call, reducer, decoded, due, memo }: Presenting): Outcome<Outs> {
  const presented: Call<unknown> = { tid: call.task, pid: taskOf(kernel, call.task).pid, args: decoded.args, raws: call.raws, due, memo, shown: decoded.shown };
  return reducer(kernel, presented);
}
function finished(kernel: Kernel, { call, plan, decoded }: Presenting, outcome: Outcome<Outs>): Answer {
  if (outcome.kind === "done") return { result: { kind: "done", value: outcome.value }, stores: encodeOuts(plan, decoded.named, outcome.outs) };
  if (outcome.kind === "gone") return GONE;
  if (outcome.kind === "fail") {
    if (isRestart(outcome.errno)) interruptCall(kernel, call.task, call.number, outcome.errno);
    return failed(outcome.errno);
  }
  const { channels, deadlineNanos, memo } = outcome.until;
  keepDecoded(call, decoded);
  const { number, raws, reads, unwritable = [], holes } = call;
  // State is a tree: a list that is the same in every event without reads is not for it.
  const waiting = {
    number,
    raws,
    reads: reads.length === 0 ? [] : reads,
    unwritable: [...unwritable],
    ...(holes ? { holes: [...holes] } : {}),
    channels: [...channels],
    deadlineNanos: deadlineNanos ?? null,
    memo: memo ?? null,
  };
  sleep(kernel, call.task, waiting);
  return BLOCKED;
}
/** An out-argument of the answer cannot be stored. */
const isSpoilt = ({ call: { unwritable, holes }, plan, decoded: { named } }: Presenting, outs: Outs): boolean =>
  unwritable?.some(i => {
    const { name, encode } = plan.parameters[i]!;
    return encode?.(outs[name], named[name]!, named).some(store => !holes || fallsInto(holes, store)) === true;
  }) === true;
const fallsInto = (holes: readonly number[], { address, bytes }: Store): boolean =>
  holes.some((from, i) => i % 2 === 0 && address < holes[i + 1]! && address + bytes.length > from);

/** Presents the call at `tick`; where it blocks, its task sleeps. A call that fails leaves no trace in the state but a restart's. */
export function present(store: KernelStore, tick: number, call: Presented, due: Due, memo: unknown, decoded?: Decoded): Answer {
  const serving = servedBy(call.number);
  if (!serving) return failed("ENOSYS");
  const { plan, reducer } = serving;
  if (!reducer) return failed(plan.row.errno ?? "ENOSYS");

  const known = decoded ?? takeDecoded(call) ?? decodeArguments(plan, call.raws, new RecordedReader(call.reads));
  const presenting: Presenting = { call, plan, reducer, decoded: known, due, memo };
  if (!known.isFaulty && !call.unwritable?.length) {
    const kernel = store.at(tick);
    return finished(kernel, presenting, reduced(kernel, presenting));
  }
  return store.attempt(
    tick,
    kernel => {
      try {
        const outcome = reduced(kernel, presenting);
        return outcome.kind === "done" && isSpoilt(presenting, outcome.outs) ? failed("EFAULT") : finished(kernel, presenting, outcome);
      } catch (error) {
        if (error instanceof Fault) return finished(kernel, presenting, fail("EFAULT"));
        throw error;
      }
    },
    answer => answer.result.kind !== "fail" || isRestart(answer.result.errno),
  );
}
