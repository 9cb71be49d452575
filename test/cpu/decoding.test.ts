// Decoding in wasm comes to what TypeScript comes to, whatever bytes there are.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { CodePages } from "../../engine/cpu/code-pages.ts";
import { knownPlans } from "../../engine/cpu/decode/known-plans.ts";
import { instantiateInterpreter } from "../../engine/cpu/interpreter/interpreter.ts";
import { interpreterBytes } from "../../engine/cpu/interpreter/module.ts";
import { coldFormOf, coldForms, extraOperation, hotForms, leadsOn, operationOf, pairsOf } from "../../engine/cpu/interpreter/operations.ts";
import { LONGEST_BLOCK, record } from "../../engine/cpu/interpreter/record.ts";
import { allForms } from "../../engine/cpu/semantics/forms.ts";
import { renamed } from "../../engine/cpu/wasm/module.ts";
import { GuestMemory } from "../../engine/memory/guest-memory.ts";

const CODE = 0x40_0000;
const PAGE = 4096;
const PAGES = 6;

interface Decoder {
  readonly memory: GuestMemory;
  readonly pages: CodePages;
  /** Blocks that wasm has decoded. */
  quick: number;
}
function decoder(bytes: Uint8Array<ArrayBuffer>, isQuick: boolean): Decoder {
  const memory = new GuestMemory({ maxFrames: 1000 });
  memory.resolver = () => ({ kind: "zero", isReadable: true, isWritable: true, isExecutable: true });
  memory.createSpace(1);
  memory.enter(1);
  const { decodeBlock, decodeStarts } = instantiateInterpreter(bytes, memory.linear.wasm);
  const counting: typeof decodeBlock = (most, isLinkedLater) => {
    const first = decodeBlock(most, isLinkedLater);
    if (first !== 0) it.quick++;
    return first;
  };
  const it: Decoder = {
    memory,
    pages: new CodePages(memory, () => (isQuick ? { decodeBlock: counting, decodeStarts } : { decodeBlock: () => 0, decodeStarts })),
    quick: 0,
  };
  return it;
}
const [STOP, GO_TO, OUT, STRADDLE] = (["stop", "goTo", "jumpOut", "straddle"] as const).map(extraOperation);
/** Of a comparison that stands for the jump behind it, too: its own operation. */
const firstOf = new Map(pairsOf().map(({ operation, first }) => [operation, operationOf(first)]));
/** What is executed from a record on, as far as it is decoded: each record's bytes, but for those that are places of others or belong to a list, and the addresses that it leads to. */
function* executed({ memory: { linear } }: Decoder, first: number): Generator<string> {
  const operation = (at: number) => linear.words[at >>> 2]! & 0xffff;
  const taken = (at: number) => linear.words[(at + record.taken) >>> 2]!;
  const resolved = (at: number): number => (operation(at) === GO_TO ? resolved(taken(at)) : at);
  const bytes = (from: number, to: number) => Buffer.from(linear.bytes.buffer, from, to - from).toString("hex");
  const hex = (from: number, to: number) => {
    const known = operation(from);
    return `${firstOf.get(known) ?? known} ${bytes(from + 2, to)}`;
  };
  const rip = (at: number) => bytes(at + record.rip, at + record.length);
  const isBehind = (at: number, before: number) =>
    linear.view.getUint32(at + record.rip, true) === (linear.view.getUint32(before + record.rip, true) + linear.bytes[before + record.length]!) >>> 0;
  for (let at = first, count = 0; count < LONGEST_BLOCK; count++) {
    at = resolved(at);
    const [next, other] = [taken(at), linear.words[(at + record.next) >>> 2]!];
    if (operation(at) === STOP) return;
    if (operation(at) === OUT) {
      yield `out to ${rip(at)}`;
      return;
    }
    if (operation(at) === STRADDLE) {
      yield `straddles at ${rip(at)}`;
      at = next;
    } else if (leadsOn(operation(at))) {
      yield `${hex(at, at + record.immediate)} ${hex(at + record.rip, at + record.bytes)} to ${rip(resolved(next))} ${other && rip(resolved(other))}`;
      return;
    } else {
      yield hex(at, at + record.bytes);
      at += record.bytes;
      // Behind an instruction that leads nowhere stands what was decoded next.
      if (!isBehind(at, at - record.bytes)) return;
    }
  }
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
const USUAL = [
  0x48, 0x49, 0x4c, 0x41, 0x44, 0x66, 0x66, 0xf2, 0xf3, 0x64, 0x2e, 0x0f, 0x8b, 0x89, 0x8d, 0x83, 0x81, 0xc1, 0xd1, 0xf7, 0xff, 0x85, 0xe8, 0x74, 0xeb, 0xa5,
  0xaa, 0xab,
];

/** Has some of each page decoded at once: from which addresses. */
function decodedAhead({ pages }: Decoder, random: (below: number) => number): readonly number[] {
  return Array.from({ length: PAGES - 1 }, (_, i) => i).flatMap(i => {
    const page = CODE / PAGE + i;
    pages.find(1, page * PAGE);
    const offsets = Uint16Array.from({ length: random(2 * PAGE) }, () => random(PAGE)).sort();
    pages.decodeAhead(page, new Uint8Array(offsets.buffer));
    return [...offsets].filter(() => random(16) === 0).map(offset => page * PAGE + offset);
  });
}
function compare(bytes: Uint8Array<ArrayBuffer>, isAhead = false): void {
  const random = generator(7);
  const [quick, plain] = [decoder(bytes, true), decoder(bytes, false)];
  let finds = 0;
  for (let round = 0; round < 12; round++) {
    const code = Uint8Array.from({ length: PAGES * PAGE }, () => (random(2) === 0 ? USUAL[random(USUAL.length)]! : random(256)));
    for (const { memory } of [quick, plain]) memory.write(1, CODE, code);
    // What was learned stays as it is where another interpreter takes over.
    instantiateInterpreter(renamed(bytes), quick.memory.linear.wasm);
    const ripsAhead = isAhead ? decodedAhead(quick, random) : [];
    for (let i = 0; i < 1500; i++, finds++) {
      const rip = ripsAhead[i] ?? CODE + random((PAGES - 1) * PAGE);
      const [found, expected] = [quick.pages.find(1, rip), plain.pages.find(1, rip)];
      if (typeof found !== "number" || typeof expected !== "number") {
        assert.equal([round, rip, found], [round, rip, expected]);
        continue;
      }
      const [known, meant] = [[...executed(quick, found)], [...executed(plain, expected)]];
      // One of them may have decoded more at a time.
      const common = Math.min(known.length, meant.length);
      if (common === 0 || known.slice(0, common).join() !== meant.slice(0, common).join()) assert.equal([round, rip, known], [round, rip, meant]);
    }
  }
  assert.ok(isAhead || quick.quick > finds / 2, `only ${quick.quick} of ${finds} blocks were decoded in wasm`);
}
test("random bytes come to the same instructions", () => compare(interpreterBytes()));
test("so they do by the plans that a build knows", () => compare(interpreterBytes(knownPlans())));
test("so they do where much of a page is decoded at once", () => compare(interpreterBytes(), true));
test("an operation is known for the form that it is", () => {
  for (const form of coldForms()) assert.is(coldFormOf(operationOf(form)), form);
  for (const form of hotForms()) assert.is(coldFormOf(operationOf(form)), undefined);
  const leading = allForms().filter(form => leadsOn(operationOf(form)));
  assert.equal(
    leading,
    allForms().filter(({ row: { control } }) => control === "jumps" || control === "branches"),
  );
});
test.run();
