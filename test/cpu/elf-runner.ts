// A static ELF program run on the processor alone: enough of Linux for programs that write and exit.

import { Processor, type ProcessorOptions } from "../../engine/cpu/processor.ts";
import { createRegisterFile, get, type RegisterFile, set } from "../../engine/cpu/register-file.ts";
import type { Stop } from "../../engine/cpu/stop.ts";
import { GuestMemory } from "../../engine/memory/guest-memory.ts";
import type { PageAnswer } from "../../engine/memory/page-answer.ts";

const PAGE = 4096;
const STACK_TOP = 0x7fff_0000_0000;
const STACK_BYTES = 1 << 20;

export interface Outcome {
  readonly output: string;
  readonly status: number | undefined;
  readonly stop: Stop;
  readonly ticks: number;
}

/** Program bytes and zeros by page, as the kernel's map would say it. */
export function elfResolver(elf: Uint8Array): { entry: number; end: number; resolve: (page: number) => PageAnswer } {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.length);
  const pages = new Map<number, { bytes: Uint8Array; isWritable: boolean; isExecutable: boolean }>();
  const start = Number(view.getBigUint64(32, true));
  let end = 0;
  for (let i = 0; i < view.getUint16(56, true); i++) {
    const at = start + i * 56;
    if (view.getUint32(at, true) !== 1) continue;
    const flags = view.getUint32(at + 4, true);
    const [offset, address, , inFile, inMemory] = [8, 16, 24, 32, 40].map(field => Number(view.getBigUint64(at + field, true))) as [
      number,
      number,
      number,
      number,
      number,
    ];
    end = Math.max(end, address + inMemory);
    for (let page = Math.floor(address / PAGE); page * PAGE < address + inMemory; page++) {
      const bytes = pages.get(page)?.bytes ?? new Uint8Array(PAGE);
      const from = Math.max(address, page * PAGE);
      const to = Math.min(address + inFile, (page + 1) * PAGE);
      if (to > from) bytes.set(elf.subarray(offset + from - address, offset + to - address), from - page * PAGE);
      pages.set(page, { bytes, isWritable: (flags & 2) !== 0, isExecutable: (flags & 1) !== 0 });
    }
  }
  return {
    entry: Number(view.getBigUint64(24, true)),
    end,
    resolve(page) {
      const known = pages.get(page);
      if (known) return { kind: "bytes", isReadable: true, ...known };
      if (page * PAGE >= STACK_TOP - STACK_BYTES && page * PAGE < STACK_TOP) return { kind: "zero", isReadable: true, isWritable: true, isExecutable: false };
      return { kind: "fault", signal: "SIGSEGV", code: 1 };
    },
  };
}

export class ElfRunner {
  readonly memory = new GuestMemory({ maxFrames: 65_536 });
  readonly processor: Processor;
  readonly file: RegisterFile = createRegisterFile();
  output = "";
  ticks = 0;
  status: number | undefined;
  #break = 0;

  constructor(elf: Uint8Array, args: readonly string[] = ["guest"], options: ProcessorOptions = {}) {
    this.processor = new Processor(this.memory, options);
    const { entry, end, resolve } = elfResolver(elf);
    const firstBreak = Math.ceil(end / PAGE) * PAGE;
    this.#break = firstBreak;
    this.memory.resolver = (_, page) => {
      const isHeap = page * PAGE >= firstBreak && page * PAGE < this.#break;
      return isHeap ? { kind: "zero", isReadable: true, isWritable: true, isExecutable: false } : resolve(page);
    };
    this.memory.createSpace(1);
    set(this.file, "rip", BigInt(entry));
    set(this.file, "rsp", BigInt(this.#stack(args)));
  }
  #stack(args: readonly string[]): number {
    let top = STACK_TOP - 64;
    const put = (bytes: Uint8Array): number => {
      top -= bytes.length;
      this.memory.write(1, top, bytes);
      return top;
    };
    const random = put(new Uint8Array(16).fill(7));
    const texts = args.map(text => put(new TextEncoder().encode(`${text}\0`)));
    // AT_PAGESZ, AT_RANDOM, AT_NULL.
    const words = [args.length, ...texts, 0, 0, 6, PAGE, 25, random, 0, 0];
    top -= top % 16;
    if (words.length % 2) top -= 8;
    return put(new Uint8Array(BigInt64Array.from(words.map(BigInt)).buffer));
  }
  run(slice = (): number => 1_000_000): Outcome {
    for (;;) {
      const outcome = this.advance(slice());
      if (outcome) return outcome;
    }
  }
  /** Up to `budget` instructions, or to the next call, which is answered. */
  advance(budget: number): Outcome | undefined {
    const stop = this.processor.run(1, this.file, budget);
    this.ticks += this.processor.retired;
    if (stop.kind === "budget" || (stop.kind === "syscall" && this.#call())) return undefined;
    return { output: this.output, status: this.status, stop, ticks: this.ticks };
  }
  /** False where the program has ended. */
  #call(): boolean {
    const number = Number(get(this.file, "rax"));
    const [a, b, c] = [get(this.file, "rdi"), get(this.file, "rsi"), get(this.file, "rdx")].map(Number) as [number, number, number];
    const answer = (value: number) => set(this.file, "rax", BigInt.asUintN(64, BigInt(value)));
    const ENOSYS = -38;
    const calls: Readonly<Record<number, () => void>> = {
      1: () => {
        this.output += new TextDecoder("latin1").decode(this.memory.read(1, b, c) ?? new Uint8Array());
        answer(c);
      },
      20: () => {
        let written = 0;
        for (let i = 0; i < c; i++) {
          const view = new DataView(this.memory.read(1, b + 16 * i, 16)!.buffer);
          const length = Number(view.getBigUint64(8, true));
          this.output += new TextDecoder("latin1").decode(this.memory.read(1, Number(view.getBigUint64(0, true)), length)!);
          written += length;
        }
        answer(written);
      },
      10: () => answer(0),
      12: () => {
        if (a > this.#break) this.#break = a;
        answer(this.#break);
      },
      158: () => {
        set(this.file, "fsBase", get(this.file, "rsi"));
        answer(0);
      },
      218: () => answer(1),
    };
    if (number === 60 || number === 231) {
      this.status = a & 0xff;
      return false;
    }
    const call = calls[number];
    if (call) call();
    else answer(ENOSYS);
    return true;
  }
}
