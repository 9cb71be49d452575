// Decoding in wasm puts the very records that TypeScript puts, whatever bytes there are.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CodePages } from "../../engine/cpu/code-pages.ts";
import { knownPlans } from "../../engine/cpu/decode/known-plans.ts";
import { type DecodeRun, instantiateInterpreter, renamed } from "../../engine/cpu/interpreter/interpreter.ts";
import { interpreterBytes } from "../../engine/cpu/interpreter/module.ts";
import { GuestMemory } from "../../engine/memory/guest-memory.ts";
import { layout, RECORD_BYTES } from "../../engine/memory/layout.ts";

const CODE = 0x40_0000;
const PAGE = 4096;
const PAGES = 6;

interface Decoder {
  readonly memory: GuestMemory;
  readonly pages: CodePages;
  /** Instructions that wasm has decoded. */
  quick: number;
}
function decoder(bytes: Uint8Array<ArrayBuffer>, isQuick: boolean): Decoder {
  const memory = new GuestMemory({ maxFrames: 1000 });
  memory.resolver = () => ({ kind: "zero", isReadable: true, isWritable: true, isExecutable: true });
  memory.createSpace(1);
  memory.enter(1);
  const { decodeRun } = instantiateInterpreter(bytes, memory.linear.wasm);
  const never: DecodeRun = (_at, _end, record) => {
    memory.linear.words[layout.decodeEnd >>> 2] = record;
    return 0;
  };
  const counting: DecodeRun = (at, end, record, directory, most) => {
    const control = decodeRun(at, end, record, directory, most);
    it.quick += (memory.linear.words[layout.decodeEnd >>> 2]! - record) / 48;
    return control;
  };
  const it: Decoder = { memory, pages: new CodePages(memory, isQuick ? counting : never), quick: 0 };
  return it;
}
/** Numerical Recipes' generator. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
/** Half of them opcodes and prefixes that compilers write. */
const USUAL = [0x48, 0x49, 0x4c, 0x41, 0x44, 0x66, 0xf2, 0xf3, 0x64, 0x2e, 0x0f, 0x8b, 0x89, 0x8d, 0x83, 0x81, 0xc1, 0xd1, 0xf7, 0xff, 0x85, 0xe8, 0x74, 0xeb];

function compare(bytes: Uint8Array<ArrayBuffer>): void {
  const random = generator(7);
  const [quick, plain] = [decoder(bytes, true), decoder(bytes, false)];
  let finds = 0;
  for (let round = 0; round < 12; round++) {
    const code = Uint8Array.from({ length: PAGES * PAGE }, () => (random(2) === 0 ? USUAL[random(USUAL.length)]! : random(256)));
    for (const { memory } of [quick, plain]) memory.write(1, CODE, code);
    // What was learned stays as it is where another interpreter takes over.
    instantiateInterpreter(renamed(bytes), quick.memory.linear.wasm);
    for (let i = 0; i < 1500; i++, finds++) {
      const rip = CODE + random((PAGES - 1) * PAGE);
      const [found, expected] = [quick.pages.find(1, rip), plain.pages.find(1, rip)];
      if (found !== expected) assert.equal([round, rip, found], [round, rip, expected]);
    }
    const records = ({ memory }: Decoder) => Buffer.from(memory.linear.bytes.buffer, layout.records, RECORD_BYTES);
    if (records(quick).equals(records(plain))) continue;
    assert.unreachable(`round ${round}: the records differ at ${records(quick).findIndex((byte, at) => byte !== records(plain)[at])}`);
  }
  assert.ok(quick.quick > finds, `only ${quick.quick} of the instructions of ${finds} blocks were decoded in wasm`);
}
test("random bytes come to the same records", () => compare(interpreterBytes()));
test("so they do by the plans that a build knows", () => compare(interpreterBytes(knownPlans())));
test.run();
