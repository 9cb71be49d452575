// Compiles something before anything is wanted: the first region costs V8, which gets to know the compiler, five times as much as others.
import { decode, type Instruction } from "../decode/decode.ts";
import { assemble } from "./assembly.ts";
import { discover } from "./blocks.ts";

/** As gcc makes it of a loop over two arrays that calls a function: loads and stores of several sizes, branches, multiplication, double. */
const code = Uint8Array.from(
  `40 0f b6 c7 48 89 fa 48 63 cf 48 c1 fa 03 30 14 06 48 b8 25 49 92 24 49 92 24 49 48 f7 ef 48 89 f8 48 c1 f8 3f 48 d1 fa 48 29 c2 48 89 f8 48 8d 34 d5 00 00 00 00 48 29 d6 48 29 f0 48 01 c8 c3
   48 85 c9 0f 8e 87 00 00 00 53 f2 0f 10 05 00 00 00 00 49 89 f9 49 89 f2 f2 0f 10 15 00 00 00 00 48 89 d3 49 89 cb 31 c0 45 31 c0 eb 20 0f 1f 00
   4b 89 3c c1 f2 0f 59 c2 48 89 de 49 83 c0 01 e8 7c ff ff ff f2 0f 58 c1 4d 39 c3 74 33 4b 8b 14 c1 f2 43 0f 10 0c c2 48 8d 3c 52 48 89 c2 48 c1 fa 05 48 31 d7 48 01 c7 40 f6 c7 01 75 c2
   f2 0f 58 c8 f2 43 0f 11 0c c2 eb ba 66 0f 1f 44 00 00 f2 48 0f 2c d0 5b 48 01 d0 c3 66 0f 1f 44 00 00 b8 01 00 00 00 c3`.match(/\w\w/g)!,
  byte => Number.parseInt(byte, 16),
);
const START = 0x40;

export function practise(): void {
  const fetch = (rip: number): Instruction | undefined => {
    const found = rip < code.length ? decode(rip, code, rip) : undefined;
    return typeof found === "string" ? undefined : found;
  };
  const hot = new Set(code.keys());
  const { blocks } = discover([START], fetch, { hot, went: new Map(), loops: new Set(), starts: new Map() }, { kind: "whole", isElsewhere: () => false });
  assemble({ blocks, entries: 1, placing: { slot: 0, firstOperation: 0, isInexactRecorded: true } });
}
