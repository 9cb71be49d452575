// The first stack, checked as a program's start code reads it.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { STACK_TOP } from "../../engine/abi/constants/address-space.ts";
import { auxiliaryTypes } from "../../engine/loader/auxv.ts";
import { buildStack } from "../../engine/loader/stack.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const facts = {
  headersAddress: 0x40_0040,
  headersCount: 10,
  base: 0,
  entry: 0x40_ebf0,
  ruid: 1,
  euid: 2,
  rgid: 3,
  egid: 4,
  isSecure: true,
  hardwareCapabilities: 0,
  moreCapabilities: 0,
  vdso: 0,
};
const stack = buildStack({
  fileName: bytes("/bin/busybox"),
  argv: [bytes("sh"), bytes(""), bytes("-c")],
  environment: [bytes("A=1"), bytes("HOME=/root")],
  random: Uint8Array.from({ length: 16 }, (_, i) => i),
  facts,
});
const view = new DataView(stack.bytes.buffer);
const word = (address: number): number => Number(view.getBigUint64(address - stack.pointer, true));
const textAt = (address: number): string => {
  const from = address - stack.pointer;
  return new TextDecoder().decode(stack.bytes.subarray(from, stack.bytes.indexOf(0, from)));
};

test("argc, argv and envp lie at the pointer", () => {
  assert.is(stack.pointer % 16, 0);
  assert.is(stack.pointer + stack.bytes.length, STACK_TOP);
  const at = (i: number): number => word(stack.pointer + 8 * i);
  assert.is(at(0), 3);
  assert.equal(
    [1, 2, 3].map(i => textAt(at(i))),
    ["sh", "", "-c"],
  );
  assert.is(at(4), 0);
  assert.equal(
    [5, 6].map(i => textAt(at(i))),
    ["A=1", "HOME=/root"],
  );
  assert.is(at(7), 0);
});
test("the auxiliary vector follows", () => {
  const entries = new Map<number, number>();
  for (let at = stack.pointer + 8 * 8; ; at += 16) {
    entries.set(word(at), word(at + 8));
    if (word(at) === 0) break;
  }
  const of = (name: keyof typeof auxiliaryTypes): number | undefined => entries.get(auxiliaryTypes[name]);
  assert.is(of("AT_PHDR"), facts.headersAddress);
  assert.is(of("AT_PHNUM"), 10);
  assert.is(of("AT_ENTRY"), facts.entry);
  assert.equal(
    ["AT_UID", "AT_EUID", "AT_GID", "AT_EGID", "AT_SECURE"].map(name => of(name as keyof typeof auxiliaryTypes)),
    [1, 2, 3, 4, 1],
  );
  assert.is(textAt(of("AT_EXECFN")!), "/bin/busybox");
  assert.is(textAt(of("AT_PLATFORM")!), "x86_64");
  assert.equal(
    [...stack.bytes.subarray(of("AT_RANDOM")! - stack.pointer).subarray(0, 16)],
    Array.from({ length: 16 }, (_, i) => i),
  );
  assert.is(stack.auxiliaryVector.length, entries.size * 16);
});
test("the ranges for /proc are the strings", () => {
  assert.is(new TextDecoder().decode(stack.arguments), "sh\0\0-c\0");
  assert.is(new TextDecoder().decode(stack.environment), "A=1\0HOME=/root\0");
  assert.is(stack.argumentRange[1] - stack.argumentRange[0], stack.arguments.length);
  assert.is(stack.environmentRange[0], stack.argumentRange[1]);
});
test("the pointer stays aligned whatever the counts are", () => {
  for (let n = 0; n < 5; n++)
    assert.is(buildStack({ fileName: bytes("x"), argv: Array(n).fill(bytes("a")), environment: [], random: new Uint8Array(16), facts }).pointer % 16, 0);
});

test.run();
