// The real processor: native/machine.c, compiled when first asked for, and one process of it that executes batches.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { answer, type Batch, exchange, FILE, isTrap, RUNNER } from "./exchange.ts";

const options = [
  "-O2",
  "-static",
  "-no-pie",
  "-fno-pie",
  "-fcf-protection=none",
  "-fno-stack-protector",
  "-mno-avx",
  `-Wl,-Ttext-segment=0x${RUNNER.toString(16)}`,
] as const;

export class NativeMachine {
  /** Answer by answer, as in machine.c. */
  readonly answers = Buffer.alloc(exchange.changes - exchange.answers);
  readonly answerWords = new Int32Array(this.answers.buffer, this.answers.byteOffset, this.answers.length / 4);
  readonly changes = Buffer.alloc(exchange.bytes - exchange.changes);
  readonly #folder = mkdtempSync(join(tmpdir(), "chronix-hardware-"));
  readonly #header = Buffer.alloc(64);
  readonly #byte = Buffer.alloc(1);
  readonly #file: number;
  readonly #child: ChildProcess;
  readonly #asking: number;
  readonly #answering: number;

  constructor() {
    const [program, file, asked, answered] = ["machine", "exchange", "asked", "answered"].map(name => join(this.#folder, name)) as [
      string,
      string,
      string,
      string,
    ];
    execFileSync("gcc", [...options, join(import.meta.dirname, "native/machine.c"), "-o", program]);
    execFileSync("mkfifo", [asked, answered]);
    this.#file = openSync(file, "w+");
    ftruncateSync(this.#file, exchange.bytes);
    this.#child = spawn(program, [file, asked, answered], { stdio: ["ignore", "inherit", "inherit"] });
    // It ends when its pipe is closed, by us or with us.
    this.#child.unref();
    this.#asking = openSync(asked, "w");
    this.#answering = openSync(answered, "r");
  }
  run(batch: Batch): void {
    const { code, codeAt, count, arena, files } = batch;
    const header = this.#header;
    header.fill(0);
    header.writeUInt32LE(count, exchange.count);
    header.writeUInt32LE(code.length, exchange.codeLength);
    header.writeBigUInt64LE(BigInt(codeAt), exchange.codeAt);
    header.writeBigUInt64LE(BigInt(codeAt + code.length), exchange.next);
    header.writeUInt32LE(isTrap(code) ? 1 : 0, exchange.isTrap);
    header.set(code, exchange.code);
    writeSync(this.#file, header, 0, header.length, 0);
    writeSync(this.#file, arena, 0, arena.length, exchange.arena);
    writeSync(this.#file, files, 0, count * FILE, exchange.inputs);
    writeSync(this.#asking, this.#byte, 0, 1);
    if (readSync(this.#answering, this.#byte, 0, 1, null) !== 1)
      throw new Error(
        `The native runner ended (${this.#child.exitCode ?? this.#child.signalCode ?? "no status yet"}) at ${Buffer.from(code).toString("hex")}.`,
      );
    readSync(this.#file, this.answers, 0, count * answer.bytes, exchange.answers);
    const last = this.#changedBytes(count);
    if (last > 0) readSync(this.#file, this.changes, 0, Math.min(last, this.changes.length), exchange.changes);
  }
  #changedBytes(count: number): number {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += this.answerWords[(i * answer.bytes + answer.changedBytes) >> 2]!;
    return bytes;
  }
  close(): void {
    closeSync(this.#asking);
    closeSync(this.#answering);
    closeSync(this.#file);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
