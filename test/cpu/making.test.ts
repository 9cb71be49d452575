// What was seen of execution is packed with a region, and else lives no longer than it takes to make it.
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decode } from "../../engine/cpu/decode/decode.ts";
import { discover, type Extent, type Profile, sizeOf } from "../../engine/cpu/region/blocks.ts";
import type { CompiledRegion } from "../../engine/cpu/region/compiled-region.ts";
import { makeRegion } from "../../engine/cpu/region/making.ts";

const START = 0x40_1000;
/** dec %eax; jne START; ret */
const code = Uint8Array.of(0xff, 0xc8, 0x75, 0xfc, 0xc3);
const extent: Extent = { kind: "whole", isElsewhere: () => false };

function made(): { readonly compiled: CompiledRegion; readonly seen: WeakRef<Profile> } {
  const hot = new Set([START, START + 2, START + 4]);
  const profile: Profile = { hot, went: new Map(), loops: new Set([START]), rounds: new Set([START]), starts: new Map(), heavy: new Set() };
  const fetch = (rip: number) => {
    const decoded = decode(rip, code.subarray(rip - START));
    return typeof decoded === "string" ? undefined : decoded;
  };
  const { blocks, entries, rips } = discover([START], fetch, profile, extent);
  const { compiled } = makeRegion({ entries, blocks, size: sizeOf(blocks), rips, profile, extent: "whole" }, { isInexactRecorded: true });
  return { compiled, seen: new WeakRef(profile) };
}
test("a region holds nothing of what it was made of", async () => {
  const { compiled, seen } = made();
  // What a reference has been made to, or asked for, lives until the job is over.
  await sleep(0);
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  assert.is(seen.deref(), undefined);
  assert.instance(compiled.module, WebAssembly.Module);
  assert.equal([...compiled.profile.open().loops], [START]);
});
test.run();
