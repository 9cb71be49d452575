// Runs the same program inside Chronix and writes its trace in lines, each with its task's number.
import { bootText, callText, exitText, signalText } from "../../engine/abi/trace-text.ts";
import { type BootOptions, boot } from "../../engine/machine-boot.ts";
import type { KernelEvent, SyscallEvent } from "../../events/kernel-event.ts";
import type { BootRequest } from "../guest-options.ts";

export interface GuestTrace {
  readonly trace: readonly string[];
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly notes: readonly string[];
}
const FIRST_TASK = 2;

export function runInGuest(request: BootRequest, options: Pick<BootOptions, "interpreter"> = {}): GuestTrace {
  const trace: string[] = [];
  const notes: string[] = [];
  const written: Record<"stdout" | "stderr", Uint8Array[]> = { stdout: [], stderr: [] };
  const begun = new Map<number, SyscallEvent>();
  const faults = new Map<number, number>();
  const onEvent = (event: KernelEvent): void => {
    if (event.kind === "boot") trace.push(`${FIRST_TASK} ${bootText(event)}`);
    else if (event.kind === "fault") faults.set(event.task, event.address);
    else if (event.kind === "signal") trace.push(`${event.task} ${signalText(event, faults.get(event.task))}`);
    else if (event.kind === "exit") trace.push(`${event.task} ${exitText(event)}`);
    else if (event.kind === "syscall" || event.kind === "resume") {
      const call = event.kind === "syscall" ? event : begun.get(event.task);
      if (!call) return;
      if (event.result.kind === "block") begun.set(event.task, call);
      else trace.push(`${event.task} ${callText({ ...call, result: event.result, stores: event.stores })}`);
    }
  };
  const world = {
    output: (to: "terminal" | "stdout" | "stderr", bytes: Readonly<Uint8Array>) =>
      void written[to === "stderr" ? "stderr" : "stdout"].push(bytes as Uint8Array),
    note: (text: string) => void notes.push(text),
  };
  const machine = boot(request, { ...options, world, onEvent });
  machine.input({ source: "stdin", bytes: null });
  machine.run({ seq: Number.POSITIVE_INFINITY, tick: Number.POSITIVE_INFINITY });
  return { trace, stdout: Buffer.concat(written.stdout), stderr: Buffer.concat(written.stderr), notes };
}
