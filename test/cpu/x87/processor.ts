// The host's own x87: compiles `processor.c` and asks it for many instructions at once.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Extended } from "../../../engine/cpu/x87/extended.ts";

export interface Request {
  readonly operation: number;
  readonly control: number;
  readonly a: Extended;
  readonly b: Extended;
  /** The memory operand, up to 80 bits, little-endian. */
  readonly memory: bigint;
}
export interface Answer {
  readonly st0: Extended;
  readonly st1: Extended;
  readonly memory: bigint;
  readonly status: number;
}
const REQUEST_BYTES = 34;
const ANSWER_BYTES = 32;

function put(bytes: Buffer, at: number, { mantissa, signExponent }: Extended): void {
  bytes.writeBigUInt64LE(mantissa, at);
  bytes.writeUInt16LE(signExponent, at + 8);
}
const get = (bytes: Buffer, at: number): Extended => ({ mantissa: bytes.readBigUInt64LE(at), signExponent: bytes.readUInt16LE(at + 8) });

let program: string | undefined;
/** Once for each test file. */
function compiled(): string {
  if (program) return program;
  const folder = mkdtempSync(join(tmpdir(), "x87-"));
  process.on("exit", () => rmSync(folder, { recursive: true }));
  const output = join(folder, "processor");
  try {
    execFileSync("gcc", ["-O1", "-o", output, join(import.meta.dirname, "processor.c")], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    throw new Error(`The x87 tests compare with this machine's processor, and need gcc and an x86-64 host to build test/cpu/x87/processor.c: ${String(error)}`);
  }
  program = output;
  return output;
}

export function askProcessor(requests: readonly Request[]): (index: number) => Answer {
  const input = Buffer.alloc(requests.length * REQUEST_BYTES);
  for (const [index, { operation, control, a, b, memory }] of requests.entries()) {
    const at = index * REQUEST_BYTES;
    input.writeUInt16LE(operation, at);
    input.writeUInt16LE(control, at + 2);
    put(input, at + 4, a);
    put(input, at + 14, b);
    put(input, at + 24, { mantissa: BigInt.asUintN(64, memory), signExponent: Number(memory >> 64n) });
  }
  const output = execFileSync(compiled(), { input, maxBuffer: requests.length * ANSWER_BYTES + 1024 });
  if (output.length !== requests.length * ANSWER_BYTES)
    throw new Error(`The processor answered ${output.length / ANSWER_BYTES} of ${requests.length} requests.`);
  return index => {
    const at = index * ANSWER_BYTES;
    const memory = get(output, at + 20);
    return {
      st0: get(output, at),
      st1: get(output, at + 10),
      memory: (BigInt(memory.signExponent) << 64n) | memory.mantissa,
      status: output.readUInt16LE(at + 30),
    };
  };
}
