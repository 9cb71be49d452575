// The interpreter, made to run on a memory.

/** Puts the records of a block, of so many instructions at most, from the address at `decodeRip` on; answers the first, or 0 where it has put none: see decoding.ts. */
export type DecodeBlock = (most: number, isLinkedLater: 0) => number;
export interface Interpreter {
  /** From a record until there is a reason to leave. */
  run(record: number): number;
  /** So many instructions from a record on, one at a time, until there is another reason than the budget to leave; their addresses are left at `layout.trace`: see tracing.ts. */
  trace(record: number, most: number): number;
  /** RFLAGS of the register file, between its canonical form and that of running. */
  openFlags(): void;
  closeFlags(): void;
  readonly decodeBlock: DecodeBlock;
  /** Of the page at `decodeRip`, from so many starts on: see decoding.ts. */
  readonly decodeStarts: (count: number) => void;
  /** What a record's operation above the hot ones stands for: first the cold forms, then regions. */
  readonly table: WebAssembly.Table;
}

export function instantiateInterpreter(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory): Interpreter {
  return instantiateModule(new WebAssembly.Module(bytes), memory);
}
/** Calls `make` while the host's optimising compiler for wasm is off: what `make` compiles is compiled in the least time, and stays as it is. */
export type Unoptimised = <T>(make: () => T) => T;
/** The loop is compiled here, by a run without a budget, which leaves at once. */
export function instantiateQuickly(bytes: Uint8Array<ArrayBuffer>, memory: WebAssembly.Memory, unoptimised: Unoptimised): Interpreter {
  return unoptimised(() => {
    const interpreter = instantiateInterpreter(bytes, memory);
    interpreter.run(0);
    return interpreter;
  });
}
export function instantiateModule(module: WebAssembly.Module, memory: WebAssembly.Memory): Interpreter {
  const { exports } = new WebAssembly.Instance(module, { m: { memory } });
  // The module's own code, made above: its exports have the types that this interface names.
  return exports as unknown as Interpreter;
}
