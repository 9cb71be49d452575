// What compiled code remembers of where it leaves for: another region, or what is interpreted there. It must forget it when other code comes to lie at the address.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Processor } from "../../engine/cpu/processor.ts";
import { createRegisterFile, getNumber, set, setNumber } from "../../engine/cpu/register-file.ts";
import type { Stop } from "../../engine/cpu/stop.ts";
import { GuestMemory } from "../../engine/memory/guest-memory.ts";
import { layout } from "../../engine/memory/layout.ts";

const PAGE = 4096;
const LOOP = 0x40_0000;
const [USUAL, SELDOM, BESIDE] = [0x50_0000, 0x60_0040, 0x70_0080];
const STACK = 0x5555_0000_0000;
const [HALF, MANY] = [100_000, 400_000];
/** call *%rax; dec %ecx; jnz back; syscall */
const CALLS = [0xff, 0xd0, 0xff, 0xc9, 0x75, 0xfa, 0x0f, 0x05];
/** add $by,%rbx; ret */
const adds = (by: number): readonly number[] => [0x48, 0x83, 0xc3, by, 0xc3];

class Guest {
  readonly memory = new GuestMemory({ maxFrames: 1000 });
  readonly processor = new Processor(this.memory, { promotionTicks: 1000, isCounting: true });
  #stop: Stop | undefined;

  constructor() {
    this.memory.resolver = (_, page) => {
      const isCode = [LOOP, USUAL, SELDOM, BESIDE].some(at => Math.floor(at / PAGE) === page);
      const isStack = page === STACK / PAGE;
      return isCode || isStack ? { kind: "zero", isReadable: true, isWritable: true, isExecutable: isCode } : { kind: "fault", signal: "SIGSEGV", code: 1 };
    };
    this.memory.createSpace(1);
    this.put(LOOP, CALLS);
    for (const at of [USUAL, SELDOM, BESIDE]) this.put(at, adds(1));
    assert.is(this.sum(USUAL, HALF), HALF);
    assert.ok(this.#compiledTicks > 2 * HALF, "the loop is not compiled");
  }
  put(at: number, code: readonly number[], space = 1): void {
    this.memory.write(space, at, Uint8Array.from(code));
  }
  /** Other pages come to lie there. */
  replace(at: number, code: readonly number[]): void {
    this.memory.unmap(1, Math.floor(at / PAGE), 1);
    this.put(at, code);
  }
  /** What so many calls add up to. */
  sum(target: number | bigint, calls: number, space = 1): number {
    const file = createRegisterFile();
    setNumber(file, "rip", LOOP);
    set(file, "rax", BigInt(target));
    setNumber(file, "rcx", calls);
    setNumber(file, "rsp", STACK + PAGE);
    this.#stop = this.processor.run(space, file, 2 ** 30);
    return Number(getNumber(file, "rbx"));
  }
  get stop(): Stop | undefined {
    return this.#stop;
  }
  get #compiledTicks(): number {
    return this.memory.linear.words[layout.compiledTicks >>> 2]!;
  }
  /** Of a run. */
  compiledShare(run: () => void): number {
    const before = this.#compiledTicks;
    run();
    return (this.#compiledTicks - before) / this.processor.retired;
  }
}

test("what is written over code that was called from compiled code is what is called", () => {
  const guest = new Guest();
  assert.is(guest.sum(SELDOM, 10), 10);
  guest.put(SELDOM, adds(3));
  assert.is(guest.sum(SELDOM, 10), 30);
  guest.put(USUAL, adds(5));
  assert.is(guest.sum(USUAL, 10), 50);
});
test("another page there is another function, also when a page beside it has changed before", () => {
  const guest = new Guest();
  // It still has the pages, and what is decoded of them remains.
  guest.memory.forkSpace(1, 2);
  assert.equal([guest.sum(SELDOM, 10), guest.sum(BESIDE, 10)], [10, 10]);
  guest.replace(BESIDE, adds(3));
  assert.equal([guest.sum(SELDOM, 10), guest.sum(BESIDE, 10)], [10, 30]);
  guest.replace(SELDOM, adds(5));
  assert.equal([guest.sum(SELDOM, 10), guest.sum(USUAL, 10)], [50, 10]);
  guest.replace(USUAL, adds(7));
  assert.equal([guest.sum(USUAL, 10), guest.sum(SELDOM, 10)], [70, 50]);
});
test("each space has its own code", () => {
  const guest = new Guest();
  guest.memory.forkSpace(1, 2);
  guest.put(SELDOM, adds(3), 2);
  for (let round = 0; round < 3; round++) {
    assert.is(guest.sum(SELDOM, 10), 10);
    assert.is(guest.sum(SELDOM, 10, 2), 30);
  }
});
test("what has been interpreted is gone on with as a region when there is one", () => {
  const guest = new Guest();
  assert.is(guest.sum(SELDOM, 10), 10);
  for (let i = 0; i < 6; i++) guest.sum(SELDOM, MANY);
  assert.ok(guest.compiledShare(() => assert.is(guest.sum(SELDOM, MANY), MANY)) > 0.99);
});
test("ticks are those of compiled code from where it is entered to where it is left", () => {
  const guest = new Guest();
  const share = guest.compiledShare(() => assert.is(guest.sum(SELDOM, 10), 10));
  // Of four instructions a call those of the function are interpreted: and at most as much again of the loop.
  assert.ok(share >= 0 && share <= 0.5, `${share}`);
});
test("no address is taken for that of an empty place", () => {
  for (const target of [-1n, 2n, 0n, 0xffff_ffffn]) {
    const guest = new Guest();
    guest.sum(target, 1);
    const isCanonical = target >= 0n;
    assert.equal(
      guest.stop,
      isCanonical
        ? { kind: "fault", signal: "SIGSEGV", code: 1, access: "execute", address: Number(target) }
        : { kind: "exception", signal: "SIGSEGV", code: 0x80, address: 0 },
    );
  }
});
test.run();
