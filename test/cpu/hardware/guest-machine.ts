// Our processor with the same pages: runs the cases of a batch one by one, and tells how each ended.
import { Processor, type Tier } from "../../../engine/cpu/processor.ts";
import { fileOffset } from "../../../engine/cpu/register-file.ts";
import type { Stop } from "../../../engine/cpu/stop.ts";
import { GuestMemory } from "../../../engine/memory/guest-memory.ts";
import { layout } from "../../../engine/memory/layout.ts";
import type { PageAnswer } from "../../../engine/memory/page-answer.ts";
import { ARENA_BYTES, arenaPages, type Batch, CODE, CODE_END, DATA, FILE, FORBIDDEN_PAGE, isTrap, MOST_CASES, PAGE, READ_ONLY_PAGE } from "./exchange.ts";

const SPACE = 1;
const INT3 = 0xcc;
export const MISSING = 254;
const signals = { SIGILL: 4, SIGTRAP: 5, SIGBUS: 7, SIGFPE: 8, SIGSEGV: 11 } as const;
export type TierName = Exclude<Tier, "auto">;

export interface Ending {
  readonly signal: number;
  readonly code: number;
  readonly address: number;
}
const NO_FAULT: Ending = { signal: 0, code: 0, address: 0 };

export class GuestMachine {
  /** As the native side answers them: files in a row. */
  readonly files = Buffer.alloc(MOST_CASES * FILE);
  readonly fileWords = new Int32Array(this.files.buffer, this.files.byteOffset, this.files.length / 4);
  readonly #eachFile = Array.from({ length: MOST_CASES }, (_, i) => this.files.subarray(i * FILE, (i + 1) * FILE) as Uint8Array);
  readonly #memory = new GuestMemory({ maxFrames: 4096 });
  readonly #processor: Processor;
  #isPreparing = true;
  /** The arena's pages in wasm memory. */
  #pages: readonly Buffer[] = [];
  #heldBuffer: ArrayBufferLike | undefined;
  #batch: Batch | undefined;
  /** It runs on to the breakpoint after the instruction: where one execution is many ticks, and in compiled code, which is entered only with ticks to spare. */
  #runsOn = false;
  readonly #isCompiled: boolean;
  #budget = 1;

  constructor(tier: TierName) {
    this.#isCompiled = tier === "compiled";
    this.#memory.resolver = (_, page) => this.#answer(page * PAGE);
    this.#memory.createSpace(SPACE);
    this.#processor = new Processor(this.#memory, { tier });
    this.#memory.write(SPACE, CODE, new Uint8Array(CODE_END - CODE).fill(INT3));
    for (const page of arenaPages) this.#memory.write(SPACE, page, new Uint8Array(PAGE));
    this.#isPreparing = false;
    this.#memory.protect(SPACE, READ_ONLY_PAGE / PAGE, 1);
  }
  #answer(address: number): PageAnswer {
    const isCode = address >= CODE && address < CODE_END;
    if (isCode) return { kind: "zero", isReadable: true, isWritable: true, isExecutable: true };
    if (address === FORBIDDEN_PAGE) return { kind: "zero", isReadable: false, isWritable: false, isExecutable: false };
    if (address === READ_ONLY_PAGE) return { kind: "zero", isReadable: true, isWritable: this.#isPreparing, isExecutable: false };
    if (address > DATA && arenaPages.some(page => page === address)) return { kind: "zero", isReadable: true, isWritable: true, isExecutable: false };
    return { kind: "fault", signal: "SIGSEGV", code: 1 };
  }
  /** Frames stay where they are while nobody forks; the wasm memory may grow. */
  get pages(): readonly Buffer[] {
    const { buffer } = this.#memory.linear.bytes;
    if (buffer !== this.#heldBuffer) {
      this.#heldBuffer = buffer;
      this.#pages = arenaPages.map(page => {
        const frame = this.#memory.admit(SPACE, page / PAGE, "read");
        if (typeof frame !== "number") throw new Error(`The arena's page 0x${page.toString(16)} is gone.`);
        return Buffer.from(buffer, frame, PAGE);
      });
    }
    return this.#pages;
  }

  /** What the batch shares: its code and its memory. `isRepeated`: one execution is many ticks. */
  prepare(batch: Batch, isRepeated: boolean): void {
    const old = this.#batch;
    if (old) this.#writeCode(old.codeAt, new Uint8Array(old.code.length).fill(INT3));
    this.#writeCode(batch.codeAt, batch.code);
    this.#batch = batch;
    this.#runsOn = isRepeated || this.#isCompiled;
    this.#budget = this.#runsOn ? 1_000_000 : 1;
    this.files.set(batch.files.subarray(0, batch.count * FILE));
    this.pages.forEach((page, i) => {
      page.set(batch.arena.subarray(i * PAGE, (i + 1) * PAGE));
    });
  }
  #writeCode(at: number, code: Uint8Array): void {
    this.#memory.write(SPACE, at, code.subarray(0, Math.min(code.length, CODE_END - at)));
  }
  run(index: number): Ending {
    const stop = this.#processor.run(SPACE, this.#eachFile[index]!, this.#budget);
    return stop.kind === "budget" ? NO_FAULT : this.#ending(stop, index);
  }
  #ending(stop: Stop, index: number): Ending {
    const { codeAt, code } = this.#batch!;
    switch (stop.kind) {
      case "budget":
      case "syscall":
        return NO_FAULT;
      case "missing":
        return { signal: MISSING, code: 0, address: 0 };
      case "fault":
        // Where it went on to what cannot be fetched, it has happened.
        if (this.#runsOn && stop.access === "execute" && this.#rip(index) === stop.address && !this.#isInside(stop.address)) return NO_FAULT;
        return { signal: signals[stop.signal], code: stop.code, address: stop.address };
      case "exception":
        if (this.#runsOn && stop.signal === "SIGTRAP" && !(isTrap(code) && this.#rip(index) === codeAt + code.length)) {
          this.fileWords[(index * FILE + fileOffset.rip) >> 2]!--;
          return NO_FAULT;
        }
        // INT 4 is a trap, and leaves RIP behind it.
        if (this.#runsOn && stop.signal === "SIGSEGV" && !this.#isInside(this.#rip(index)) && this.#rip(index) !== codeAt + code.length) return NO_FAULT;
        return { signal: signals[stop.signal], code: stop.code, address: stop.address };
    }
  }
  #rip(index: number): number {
    const at = (index * FILE + fileOffset.rip) >> 2;
    return this.fileWords[at + 1]! * 2 ** 32 + (this.fileWords[at]! >>> 0);
  }
  #isInside(address: number): boolean {
    const { codeAt, code } = this.#batch!;
    return address >= codeAt && address < codeAt + code.length;
  }
  /** Ticks that compiled code has executed. */
  get compiledTicks(): number {
    return this.#memory.linear.words[layout.compiledTicks >>> 2]! >>> 0;
  }
  /** Whether the arena is as `expected`, four pages in a row. */
  isArena(expected: readonly Buffer[]): boolean {
    const { pages } = this;
    for (let i = 0; i < expected.length; i++) if (Buffer.compare(pages[i]!, expected[i]!) !== 0) return false;
    return true;
  }
  /** Bytes of the arena, from and to offsets of its block, as they are in `content`. */
  restore(content: Uint8Array, from = 0, to: number = ARENA_BYTES): void {
    for (let page = Math.floor(from / PAGE); page * PAGE < to; page++) {
      const start = Math.max(from, page * PAGE);
      this.pages[page]!.set(content.subarray(start, Math.min(to, (page + 1) * PAGE)), start - page * PAGE);
    }
  }
}
