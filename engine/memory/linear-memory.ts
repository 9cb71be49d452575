// The one wasm memory of a machine, its views, and room in it. Growing detaches the views, so nobody keeps one.
import { layout, PAGE_BYTES, REGISTER_FILE_BYTES } from "./layout.ts";

const WASM_PAGE = 65_536;
const STEP = 4 << 20;
/** What a short run fills. V8 counts the memory as its heap's: with some 40 MiB it would begin to collect garbage during the start, for 15 to 25 ms of processor time. */
const FIRST_STEP = 2 << 20;
const LIMIT = 2 ** 32 - WASM_PAGE;
/** Bytes behind whatever lies here that may be read, by who then finds that they are none of its: decoding reads as far behind a page. */
const READ_BEYOND = 64;

export class LinearMemory {
  readonly wasm = new WebAssembly.Memory({ initial: (layout.heap + FIRST_STEP) / WASM_PAGE, maximum: 65_536 });
  bytes = new Uint8Array(this.wasm.buffer);
  words = new Int32Array(this.wasm.buffer);
  view = new DataView(this.wasm.buffer);
  /** The running task's register file: each stop asks for it, and a view made anew takes as long as to copy it. */
  registers = this.#registers();
  #end: number = layout.heap;
  readonly #free = new Map<number, number[]>();

  /** Room for this many pages in a row, not cleared; `undefined` where the wasm memory can grow no more. */
  allocate(pages: number): number | undefined {
    return this.#free.get(pages)?.pop() ?? this.#fresh(pages);
  }
  #fresh(pages: number): number | undefined {
    const end = this.#end + pages * PAGE_BYTES;
    if (end + READ_BEYOND > this.bytes.length && !this.#grow(end + READ_BEYOND)) return undefined;
    const at = this.#end;
    this.#end = end;
    return at;
  }
  free(at: number, pages: number): void {
    const list = this.#free.get(pages);
    if (list) list.push(at);
    else this.#free.set(pages, [at]);
  }

  #grow(end: number): boolean {
    // By an eighth at least, so that views are seldom made anew.
    const target = Math.min(LIMIT, Math.max(end, this.bytes.length + Math.max(STEP, this.bytes.length >> 3)));
    if (end > LIMIT) return false;
    try {
      this.wasm.grow(Math.ceil((target - this.bytes.length) / WASM_PAGE));
    } catch {
      return false; // The host has no more: the guest's memory ends here.
    }
    this.bytes = new Uint8Array(this.wasm.buffer);
    this.words = new Int32Array(this.wasm.buffer);
    this.view = new DataView(this.wasm.buffer);
    this.registers = this.#registers();
    return true;
  }
  #registers(): Uint8Array {
    return new Uint8Array(this.wasm.buffer, layout.registers, REGISTER_FILE_BYTES);
  }
}
