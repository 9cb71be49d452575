// Spaces, copy-on-write, shared pages, snapshots, permissions and exhaustion, without a processor.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { GuestMemory } from "../../engine/memory/guest-memory.ts";
import type { PageAnswer } from "../../engine/memory/page-answer.ts";

const PAGE = 4096;
const BASE = 0x5555_5555_0000;
const FIRST = BASE / PAGE;
const rights = { isReadable: true, isWritable: true, isExecutable: false };
const zero: PageAnswer = { kind: "zero", ...rights };
const absent: PageAnswer = { kind: "fault", signal: "SIGSEGV", code: 1 };

const withPages = (answers: Readonly<Record<number, PageAnswer>>, maxFrames = 1000): GuestMemory => {
  const memory = new GuestMemory({ maxFrames });
  memory.resolver = (_, page) => answers[page - FIRST] ?? absent;
  memory.createSpace(1);
  return memory;
};
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

test("what is written is read, across pages too, and all or nothing", () => {
  const memory = withPages({ 0: zero, 1: zero });
  assert.ok(memory.write(1, BASE + PAGE - 2, bytes(1, 2, 3, 4)));
  assert.equal(memory.read(1, BASE + PAGE - 3, 6), bytes(0, 1, 2, 3, 4, 0));
  assert.not(memory.write(1, BASE + 2 * PAGE - 1, bytes(9, 9)));
  assert.equal(memory.read(1, BASE + 2 * PAGE - 1, 1), bytes(0));
  assert.is(memory.read(1, BASE + 2 * PAGE - 1, 2), undefined);
  assert.is(memory.readable(1, BASE + PAGE, 99_999), PAGE);
  assert.is(memory.readCString(1, BASE + PAGE - 2, 100)!.length, 4);
  assert.is(memory.read(1, -5, 2), undefined);
  assert.is(memory.read(1, 2 ** 52, 2), undefined);
});

test("a fork shares frames until one side writes", () => {
  const memory = withPages({ 0: zero, 1: zero });
  memory.write(1, BASE, bytes(1));
  memory.write(1, BASE + PAGE, bytes(2));
  const before = memory.framesInUse;
  memory.forkSpace(1, 2);
  assert.is(memory.framesInUse, before);
  memory.write(2, BASE, bytes(7));
  assert.equal([memory.read(1, BASE, 1), memory.read(2, BASE, 1), memory.read(2, BASE + PAGE, 1)], [bytes(1), bytes(7), bytes(2)]);
  memory.write(1, BASE + PAGE, bytes(8));
  assert.equal(memory.read(2, BASE + PAGE, 1), bytes(2));
  memory.destroySpace(1);
  memory.destroySpace(2);
  assert.is(memory.framesInUse, 0);
});

test("processes that map one piece share its frame; a piece is never written", () => {
  const piece = bytes(5, 6, 7);
  const memory = withPages({ 0: { kind: "bytes", bytes: piece, ...rights } });
  memory.createSpace(2);
  memory.read(1, BASE, 1);
  memory.read(2, BASE, 1);
  assert.is(memory.framesInUse, 1);
  memory.write(2, BASE, bytes(9));
  assert.equal([memory.read(1, BASE, 4), memory.read(2, BASE, 4)], [bytes(5, 6, 7, 0), bytes(9, 6, 7, 0)]);
  assert.equal(piece, bytes(5, 6, 7));
});

test("MAP_SHARED pages are one frame in all spaces, also after a fork, and what is written is known", () => {
  const shared = (index: number): PageAnswer => ({ kind: "shared", object: 3, index, ...rights });
  const memory = withPages({ 0: shared(0), 1: shared(1), 2: shared(0) });
  memory.write(1, BASE, bytes(4));
  memory.forkSpace(1, 2);
  memory.write(2, BASE + 1, bytes(5));
  assert.equal([memory.read(1, BASE, 2), memory.read(1, BASE + 2 * PAGE, 2)], [bytes(4, 5), bytes(4, 5)]);
  assert.equal(memory.dirtyShared(3), [0]);
  assert.equal(memory.dirtyShared(3), []);
  memory.write(1, BASE + PAGE, bytes(1));
  assert.equal(memory.dirtyShared(3), [1]);
});

test("protect asks the resolver again and keeps contents; unmap forgets them; move takes them along", () => {
  const answers: Record<number, PageAnswer> = { 0: zero, 9: zero };
  const memory = withPages(answers);
  memory.write(1, BASE, bytes(1));
  answers[0] = { ...zero, isWritable: false };
  memory.protect(1, FIRST, 1);
  assert.not(memory.canWrite(1, BASE, 1));
  assert.equal(memory.read(1, BASE, 1), bytes(1));
  memory.move(1, FIRST, FIRST + 9, 1);
  assert.equal(memory.read(1, BASE + 9 * PAGE, 1), bytes(1));
  memory.unmap(1, FIRST + 9, 1);
  assert.equal(memory.read(1, BASE + 9 * PAGE, 1), bytes(0));
});

test("a snapshot is not changed by what follows, comes back, and survives storing", () => {
  const memory = withPages({ 0: zero, 1: { kind: "shared", object: 1, index: 0, ...rights } });
  memory.write(1, BASE, bytes(1));
  memory.write(1, BASE + PAGE, bytes(2));
  const snapshot = memory.snapshot();
  const identities = [...memory.pages(snapshot)].map(({ identity }) => identity);
  memory.write(1, BASE, bytes(3));
  memory.write(1, BASE + PAGE, bytes(4));
  assert.equal(
    [...memory.pages(snapshot)].map(page => page.identity),
    identities,
  );
  const stored = [...memory.pages(snapshot)].map(page => ({ ...page, bytes: page.bytes.slice() }));
  const expectBack = (): void => assert.equal([memory.read(1, BASE, 1), memory.read(1, BASE + PAGE, 1), memory.dirtyShared(1)], [bytes(1), bytes(2), [0]]);
  memory.restore(snapshot);
  expectBack();
  memory.write(1, BASE, bytes(9));
  memory.restore(snapshot);
  memory.release(snapshot);
  expectBack();
  const loaded = memory.load(stored, [1]);
  memory.write(1, BASE, bytes(9));
  memory.restore(loaded);
  memory.release(loaded);
  expectBack();
  memory.destroySpace(1);
  memory.forgetShared(1);
  assert.is(memory.framesInUse, 0);
});

test("a frame whose last other holder goes has a new identity: it may be written again", () => {
  const memory = withPages({ 0: zero });
  memory.write(1, BASE, bytes(1));
  const first = memory.snapshot();
  const [before] = [...memory.pages(first)];
  memory.release(first);
  memory.write(1, BASE, bytes(2));
  const [after] = [...memory.pages(memory.snapshot())];
  assert.is.not(before!.identity, after!.identity);
});

test("the last frame gone is a fault, not an exception", () => {
  const memory = withPages({ 0: zero, 1: zero, 2: zero }, 2);
  assert.ok(memory.write(1, BASE, bytes(1)) && memory.write(1, BASE + PAGE, bytes(1)));
  assert.not(memory.write(1, BASE + 2 * PAGE, bytes(1)));
  assert.equal(memory.admit(1, FIRST + 2, "write"), { signal: "SIGBUS", code: 2, isExhausted: true });
});

test("page tables keep thousands of pages through insertion, removal and growth", () => {
  const memory = new GuestMemory();
  memory.resolver = () => zero;
  memory.createSpace(1);
  const pages = Array.from({ length: 5000 }, (_, i) => ((i * 7919) % 30_011) + (i % 3) * 2 ** 33);
  for (const [i, page] of pages.entries()) assert.ok(memory.write(1, page * PAGE, bytes(i & 255, i >> 8)));
  for (const [i, page] of pages.entries()) if (i % 2) memory.unmap(1, page, 1);
  for (const [i, page] of pages.entries()) assert.equal(memory.read(1, page * PAGE, 2), i % 2 ? bytes(0, 0) : bytes(i & 255, i >> 8));
});

test.run();
