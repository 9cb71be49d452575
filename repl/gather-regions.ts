// Gathers the compiled regions of a program in one module, with what it compiles ahead of what runs have interpreted. A process of its own, which a run leaves behind, since it takes seconds.
import { hash } from "node:crypto";
import { constants, setPriority } from "node:os";
import { setFlagsFromString } from "node:v8";
import type { StartsInPage } from "../engine/cpu/code-pages.ts";
import { compileAhead } from "../engine/cpu/region/ahead.ts";
import { gatheredBytes, standInBytes } from "../engine/cpu/region/gathered-module.ts";
import { AddressSet } from "../engine/cpu/region/packed-profile.ts";
import { bodiesOf } from "../engine/cpu/wasm/module.ts";
import { MOST_REGIONS, PAGE_BYTES } from "../engine/memory/layout.ts";
import { keepColdFunctions } from "./prebuilt.ts";
import { placesOf, RegionFiles, type RegionRow, rowOf } from "./region-files.ts";
import { natives } from "./v8-natives.ts";

/** V8's optimising compiler makes all of the module's code while it is made. */
const SWITCHES = [
  ["--no-liftoff", "--liftoff"],
  ["--no-wasm-lazy-compilation", "--wasm-lazy-compilation"],
] as const;
function optimised(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  for (const [set] of SWITCHES) setFlagsFromString(set);
  try {
    return new WebAssembly.Module(bytes);
  } finally {
    for (const [, reset] of SWITCHES) setFlagsFromString(reset);
  }
}

/** As many as there may be at a time. */
const MOST_MEMBERS = MOST_REGIONS;
interface Member {
  readonly row: RegionRow;
  readonly body: Uint8Array;
}
/** One by one, each where it has a place in which none before it is. */
function withoutReplaced(members: Iterable<Member>): readonly Member[] {
  const taken = new Set<string>();
  return [...members].filter(({ row }) => {
    const places = placesOf(row);
    const isNew = places.some(place => !taken.has(place));
    for (const place of places) taken.add(place);
    return isNew;
  });
}

/** Without what the interpreter no longer comes to: the regions', but for where they begin, since a record stands there. */
function interpreted(all: readonly StartsInPage[], members: readonly Member[]): readonly StartsInPage[] {
  const compiled = new Set(members.flatMap(({ row }) => [...AddressSet.unpacked(row.rips)]));
  for (const { row } of members) for (const entry of row.entries) compiled.delete(entry);
  return all.map(({ page, starts }) => {
    const offsets = new Uint16Array(starts.slice().buffer).filter(offset => !compiled.has(page * PAGE_BYTES + offset));
    return { page, starts: new Uint8Array(offsets.buffer) };
  });
}

function gather(files: RegionFiles): void {
  const gathering = files.gathering;
  const v8 = natives();
  if (!gathering || !v8) return;
  const { codes, isInexactRecorded, starts, coldPlaces } = gathering;
  keepColdFunctions(coldPlaces);
  const lone = files.lone.filter(({ calls }) => !calls).map(({ bytes, machine: _, ...row }): Member => ({ row, body: bodiesOf(bytes)[0]! }));
  const before = files.gathered;
  const wasm = before && files.bytesOf(before);
  const known = (wasm ? bodiesOf(wasm).slice(0, -1) : []).map((body, i): Member => ({ row: before!.rows.at(i), body }));
  const there = [...lone, ...known];
  const covered = there.map(({ row }) => ({ entries: row.entries, rips: AddressSet.unpacked(row.rips) }));
  const ahead = codes.flatMap(({ pages, traces }) =>
    compileAhead({ pages: new Map(pages), traces }, covered, isInexactRecorded)
      .filter(({ compiled }) => !compiled.calls)
      .map(({ compiled, code }): Member => ({ row: rowOf(compiled, code), body: bodiesOf(compiled.bytes)[0]! })),
  );
  const members = withoutReplaced([...there, ...ahead]).slice(0, MOST_MEMBERS);
  const bytes = gatheredBytes(members.map(({ body }) => body));
  const machine = v8.serialize(optimised(bytes));
  const standIn = standInBytes(members.length, hash("sha256", bytes, "buffer"));
  // A folder that was removed meanwhile is not made again.
  if (files.isGathering)
    files.keepGathered({ rows: members.map(({ row }) => row), starts: interpreted([...starts, ...(before?.starts ?? [])], members), standIn, machine, bytes });
}

setPriority(constants.priority.PRIORITY_LOW);
const files = new RegionFiles(process.argv.at(-1)!);
try {
  gather(files);
} finally {
  files.endGathering();
}
