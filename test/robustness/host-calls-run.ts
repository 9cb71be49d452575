// Runs a seed of the fuzzer of system calls between two calls that a tracer can see: `node host-calls-run.ts SEED`.
import { accessSync } from "node:fs";
import { fuzzGuest } from "../fuzz/syscalls/guest.ts";
import { runGuest } from "../headless.ts";

function mark(path: string): void {
  try {
    accessSync(path);
  } catch {
    // There is no such file: that it was asked for is all.
  }
}
const guest = fuzzGuest(Number(process.argv[2]), { generations: 1, workers: 3, calls: 600 });
const warm = fuzzGuest(0, { generations: 1, workers: 1, calls: 10 });
// What Node reads when something is used for the first time is not the guest's doing.
runGuest({ ...warm.request, mostTicks: 1_000_000_000 });
mark("/chronix-begins");
const { events } = runGuest({ ...guest.request, mostTicks: 1_000_000_000 });
mark("/chronix-ends");
console.log(events.length);
