// Runs a session of the library's against a host network until its guest ends: what the command line's driver does, without terminal and standard input.
import type { Bound, RunStop } from "../../engine/machine.ts";
import type { Position } from "../../events/position.ts";
import type { HostNetwork, Receiver } from "./host-network.ts";

/** A session at its end, or a machine; paced, and with the network's `act` as its `link`. */
export interface Served extends Receiver {
  readonly position: Position;
  run(bound: Bound): RunStop;
  skip(nanos: number): void;
}
/** Instructions between two looks at the host: some tens of milliseconds. */
const SLICE_TICKS = 10_000_000;

/** Answers the guest's wait status; undefined where every task sleeps and nobody outside can wake one, or `signal` is aborted. */
export async function serve(machine: Served, network: HostNetwork, signal?: AbortSignal): Promise<number | undefined> {
  while (!signal?.aborted) {
    const stop = machine.run({ seq: machine.position.seq, tick: machine.position.tick + SLICE_TICKS });
    if (stop.kind === "halted") return stop.status;
    await new Promise(setImmediate);
    const hasArrivals = network.hasArrivals;
    network.deliver(machine);
    if (stop.kind !== "asleep" || hasArrivals) continue;
    if (network.isOpen) {
      const began = process.hrtime.bigint();
      await arrival(network, stop.untilNanos, signal);
      machine.skip(Math.min(stop.untilNanos ?? Number.POSITIVE_INFINITY, Number(process.hrtime.bigint() - began)));
    } else if (stop.untilNanos === undefined) return undefined;
    else machine.skip(stop.untilNanos);
  }
  return undefined;
}
/** Until something comes, the time is over or the signal is aborted. */
async function arrival(network: HostNetwork, untilNanos: number | undefined, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const wake = (): void => resolve();
  network.onArrival = wake;
  signal?.addEventListener("abort", wake);
  const timer = untilNanos === undefined ? undefined : setTimeout(wake, Math.min(untilNanos / 1e6, 2 ** 31 - 1));
  await promise;
  clearTimeout(timer);
  network.onArrival = () => {};
  signal?.removeEventListener("abort", wake);
}
