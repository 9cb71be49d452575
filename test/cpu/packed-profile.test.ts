// What is kept of execution with a region comes back as it was.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Profile } from "../../engine/cpu/region/blocks.ts";
import { AddressSet, PackedProfile } from "../../engine/cpu/region/packed-profile.ts";

const [PROGRAM, LIBRARY, STACK] = [0x40_1000, 0x7fff_f7a0_0000, 0x7fff_ffff_e000];
/** Instructions of a few bytes, one after another. */
const code = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from + 3 * i + (i % 5));
const inLibrary = code(LIBRARY, 400);
const inProgram = code(PROGRAM, 300);
const profile: Profile = {
  hot: new Set([...inLibrary, STACK, ...inProgram]),
  went: new Map([
    [inProgram[7]!, [LIBRARY, PROGRAM, STACK]],
    [inLibrary[9]!, [inProgram[8]!]],
    [inLibrary[10]!, []],
  ]),
  loops: new Set([inLibrary[40]!, inProgram[3]!, inLibrary[2]!]),
  rounds: new Set([inLibrary[40]!, inLibrary[7]!]),
  starts: new Map([...inLibrary.map(rip => [rip, LIBRARY] as const), ...inProgram.slice(5).map(rip => [rip, PROGRAM] as const)]),
  heavy: new Set([PROGRAM, LIBRARY]),
};
const sorted = (addresses: Iterable<number>) => [...addresses].sort((a, b) => a - b);

test("a profile, in which loops and targets keep their order", () => {
  const packed = PackedProfile.of(profile);
  const opened = new PackedProfile(Uint8Array.from(packed.bytes)).open();
  assert.equal(sorted(opened.hot), sorted(profile.hot));
  assert.equal(new Map([...opened.starts].sort()), new Map([...profile.starts].sort()));
  assert.equal(opened.went, profile.went);
  assert.equal([...opened.loops], [...profile.loops]);
  assert.equal([...opened.heavy], [...profile.heavy]);
  assert.ok(packed.bytes.length < 3 * profile.hot.size, `${packed.bytes.length} bytes`);
});
test("one profile is packed once", () => assert.is(PackedProfile.of(profile), PackedProfile.of(profile)));
test("where a jump went that led nowhere is not kept", () => {
  const [from] = inProgram;
  const went = new Map([[from!, [Number.NEGATIVE_INFINITY, -4096, PROGRAM]]]);
  const nowhere = PackedProfile.of({ ...profile, went, starts: new Map([[from!, Number.NEGATIVE_INFINITY]]) }).open();
  assert.equal([...nowhere.went], [[from, [-4096, PROGRAM]]]);
  assert.is(nowhere.starts.size, 0);
});
test("a set of addresses", () => {
  const all = new AddressSet(profile.hot);
  const again = AddressSet.unpacked(all.packed());
  for (const set of [all, again]) {
    assert.is(set.size, profile.hot.size);
    for (let rip = PROGRAM - 10; rip < PROGRAM + 1000; rip++) assert.is(set.has(rip), profile.hot.has(rip));
    for (const rip of [STACK, STACK - 1, STACK + 1, LIBRARY]) assert.is(set.has(rip), profile.hot.has(rip));
  }
  assert.is(new AddressSet([]).has(0), false);
});
test.run();
