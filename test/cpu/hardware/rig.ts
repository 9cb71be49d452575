// Both processors side by side: runs batches in both and finds the cases in which they differ.
import { decode, type Instruction, MOST_BYTES } from "../../../engine/cpu/decode/decode.ts";
import { Comparison, type Difference } from "./comparison.ts";
import { ARENA_BYTES, type Batch, FILE } from "./exchange.ts";
import { GuestMachine, type TierName } from "./guest-machine.ts";
import { isRepeatedForm } from "./inputs.ts";
import { NativeMachine } from "./native-machine.ts";

export interface Failure {
  readonly batch: Batch;
  readonly instruction: Instruction;
  readonly differences: readonly Difference[];
}
export class Rig {
  readonly #native = new NativeMachine();
  readonly #guest: GuestMachine;
  readonly #block = Buffer.alloc(ARENA_BYTES);
  nativeMillis = 0;
  guestMillis = 0;

  constructor(tier: TierName = "interpreter") {
    this.#guest = new GuestMachine(tier);
  }
  get compiledTicks(): number {
    return this.#guest.compiledTicks;
  }
  /** The first case that differs, or undefined. */
  compare(batch: Batch, instruction: Instruction): Failure | undefined {
    const started = performance.now();
    this.#native.run(batch);
    const between = performance.now();
    this.#guest.prepare(batch, isRepeatedForm(instruction.form.name));
    const comparison = new Comparison(batch, instruction, this.#guest, this.#native, this.#block);
    let failure: Failure | undefined;
    for (let i = 0; i < batch.count; i++) {
      if (comparison.agrees(i)) continue;
      const single = { ...batch, count: 1, files: batch.files.slice(i * FILE, (i + 1) * FILE) };
      failure = { batch: single, instruction, differences: comparison.differences(i) };
      break;
    }
    this.nativeMillis += between - started;
    this.guestMillis += performance.now() - between;
    return failure;
  }
  /** How a single case differs; empty where it does not. */
  differences(batch: Batch): readonly Difference[] {
    const instruction = instructionOf(batch);
    return this.compare(batch, instruction)?.differences ?? [];
  }
  close(): void {
    this.#native.close();
  }
}
export function instructionOf({ code, codeAt }: Batch): Instruction {
  const bytes = new Uint8Array(MOST_BYTES);
  bytes.set(code.subarray(0, MOST_BYTES));
  const decoded = decode(codeAt, bytes);
  if (typeof decoded === "string") throw new Error(`${Buffer.from(code).toString("hex")} is not served.`);
  return decoded;
}
