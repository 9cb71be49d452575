// Runs one stressor inside Chronix, for so much of the host's time at most.
import type { Mount } from "../../engine/boot.ts";
import type { Image } from "../../engine/loader/image.ts";
import { boot } from "../../engine/machine-boot.ts";
import { exitStatusOf } from "../../repl/wait-status.ts";
import { bootSource } from "../headless.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { STRESS_ENVIRONMENT } from "./stress-ng.ts";

const SLICE_TICKS = 20_000_000;
/** How often is looked how much time it has taken: looking is a call of the host. */
const LOOK_CALLS = 5000;
const MEMORY_BYTES = 2 ** 30;

export interface GuestStressor {
  readonly image: Image;
  readonly mount: Mount;
  readonly name: string;
  readonly argv: readonly string[];
  readonly mostSeconds: number;
}
export interface GuestOutcome extends Outcome {
  readonly calls: number;
  readonly notes: readonly string[];
}
export function runStressorInGuest({ image, mount, name, argv, mostSeconds }: GuestStressor): GuestOutcome {
  const chunks: Uint8Array[] = [];
  const notes: string[] = [];
  let calls = 0;
  const end = (outcome: Outcome): GuestOutcome => ({ ...outcome, calls, notes });
  const source = bootSource({
    image,
    argv,
    mounts: [mount],
    environment: STRESS_ENVIRONMENT,
    user: { uid: 1000, gid: 1000 },
    workingDirectory: "/tmp",
    memoryBytes: MEMORY_BYTES,
  });
  const world = { output: (_: string, bytes: Readonly<Uint8Array>) => void chunks.push(bytes as Uint8Array), note: (text: string) => void notes.push(text) };
  const until = process.cpuUsage().user + mostSeconds * 1e6;
  try {
    let isOver = false;
    const machine = boot(source, {
      world,
      onEvent: event => {
        if (event.kind === "syscall" && ++calls % LOOK_CALLS === 0 && process.cpuUsage().user > until) {
          isOver = true;
          machine.pause();
        }
      },
    });
    for (;;) {
      const stop = machine.run({ seq: 0, tick: machine.tick + SLICE_TICKS });
      if (stop.kind === "halted") return end(outcomeOf(name, Buffer.concat(chunks).toString("latin1"), exitStatusOf(stop.status)));
      if (stop.kind === "asleep" && stop.untilNanos !== undefined) machine.skip(stop.untilNanos);
      else if (stop.kind === "asleep") return end({ verdict: "timed out", reasons: ["everybody sleeps for ever"] });
      if (isOver || process.cpuUsage().user > until) return end({ verdict: "timed out", reasons: [`more than ${mostSeconds} s of the host's time`] });
    }
  } catch (error) {
    return end({ verdict: "engine failed", reasons: [error instanceof Error ? (error.stack ?? error.message) : String(error)] });
  }
}
