// The plans of all opcodes as a build puts them into the interpreter's module, so that a start need not learn them: every opcode with and without each
// prefix, REX.W, a segment and memory is decoded once.
import { layout } from "../../memory/layout.ts";
import type { DataPart } from "../wasm/module.ts";
import { decode, lastLesson, MOST_BYTES } from "./decode.ts";
import { QuickPlans } from "./quick-plans.ts";

const PREFIXES = [[], [0x66], [0xf3], [0xf2]];
const FS = 0x64;
const REX_W = 0x48;
const REGISTER = 0xc0;
/** Zeros between two parts that are cheaper than another part. */
const GAP = 16;

export function knownPlans(): readonly DataPart[] {
  const buffer = new ArrayBuffer(layout.records);
  const tables = { bytes: new Uint8Array(buffer), view: new DataView(buffer) };
  const plans = new QuickPlans(tables);
  for (const instruction of instructions()) {
    decode(
      0,
      Uint8Array.from({ length: MOST_BYTES }, (_, i) => instruction[i] ?? 0),
    );
    const lesson = lastLesson();
    if (lesson) plans.learn(lesson);
  }
  tables.view.setUint32(layout.quickPlans, plans.count, true);
  return parts(tables.bytes);
}
function* instructions(): Generator<readonly number[]> {
  for (const prefix of PREFIXES)
    for (const segment of [[], [FS]])
      for (const wide of [[], [REX_W]])
        for (const escaped of [[], [0x0f]])
          for (let opcode = 0; opcode < 256; opcode++)
            for (const mod of [0, REGISTER]) for (let reg = 0; reg < 8; reg++) yield [...segment, ...prefix, ...wide, ...escaped, opcode, mod | (reg << 3)];
}
/** What is not zero, in whole numbers of two bytes: an interpreter that takes over puts them there again, beside what has been learned since. */
function parts(bytes: Uint8Array): readonly DataPart[] {
  const found: DataPart[] = [];
  let [from, to] = [0, 0];
  const end = () => void (to > from && found.push({ at: from, bytes: bytes.slice(from, to) }));
  for (let at = layout.opcodeKinds; at < layout.records; at++) {
    if (bytes[at] === 0) continue;
    if (at - to > GAP) {
      end();
      from = at & ~1;
    }
    to = (at | 1) + 1;
  }
  end();
  return found;
}
