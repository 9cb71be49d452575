// The code of one region: of blocks that were found, a wasm function in a module of its own.
import { PAGE_BYTES } from "../../memory/layout.ts";
import { type ImportedFunction, moduleBytes } from "../wasm/module.ts";
import { buildRoutines } from "../x87/library.ts";
import type { RoutineName } from "../x87/routine.ts";
import type { Block, Profile } from "./blocks.ts";
import type { CodeRange, CompiledRegion } from "./compiled-region.ts";
import { AddressSet, PackedProfile } from "./packed-profile.ts";
import type { Placing } from "./placing.ts";
import { plan } from "./plan.ts";
import { RegionTier } from "./region-tier.ts";
import { regionsTable } from "./regions-table.ts";
import type { WayOut } from "./way-out.ts";

let signatures: ReadonlyMap<RoutineName, ImportedFunction> | undefined;
function signatureOf(name: RoutineName): ImportedFunction {
  signatures ??= new Map(buildRoutines(0).map(({ name, params, results }) => [name, { name, params, results }]));
  return signatures.get(name)!;
}
/** The routines that a region calls, numbered as they are met: most call none, and V8 keeps half a kilobyte for each that is imported. */
class Imports {
  readonly #names: RoutineName[] = [];

  readonly indexOf = (name: RoutineName): number => {
    const known = this.#names.indexOf(name);
    return known < 0 ? this.#names.push(name) - 1 : known;
  };
  get all(): readonly ImportedFunction[] {
    return this.#names.map(signatureOf);
  }
}

/** What a region is to be made of. */
export interface Making extends Pick<CompiledRegion, "entries" | "size" | "extent"> {
  readonly rips: ReadonlySet<number>;
  readonly profile: Profile;
  readonly blocks: readonly Block[];
}
/** `waysOut`: in the order of their counters. */
export function makeRegion(
  { entries, blocks, size, rips, profile, extent }: Making,
  placing: Placing,
): { readonly compiled: CompiledRegion; readonly waysOut: readonly WayOut[] } {
  const imports = new Imports();
  const tier = new RegionTier(
    plan(blocks, entries.length, rip => profile.rounds.has(rip)),
    placing,
    imports.indexOf,
  );
  const code = tier.build();
  const body = code.encode();
  const { all } = imports;
  const bytes = moduleBytes({
    imports: all,
    importedTable: regionsTable,
    functions: [{ params: code.params, results: code.results, encode: () => body }],
    exports: { region: all.length },
  });
  const relies = tier.asksForMode ? (placing.isInexactRecorded ? "recorded" : "clear") : undefined;
  const compiled = withModule({
    entries,
    size,
    rips: new AddressSet(rips),
    profile: PackedProfile.of(profile),
    extent,
    relies,
    fuses: tier.usesFusing,
    calls: all.length > 0,
    bytes,
  });
  return { compiled, waysOut: tier.waysOut };
}
/** Made when it is first asked for. By itself: a getter holds all that is at hand where it stands, and what was seen of execution would live as long as the region. */
function withModule(compiled: Omit<CompiledRegion, "module">): CompiledRegion {
  let module: WebAssembly.Module | undefined;
  return {
    ...compiled,
    get module() {
      module ??= new WebAssembly.Module(compiled.bytes);
      return module;
    },
  };
}
/** Where the instructions lie. */
export function rangesOf(blocks: readonly Block[]): readonly CodeRange[] {
  const lengths = new Map(blocks.flatMap(({ instructions }) => instructions.map(({ rip, instruction }) => [rip, instruction.length] as const)));
  const ranges: [at: number, length: number][] = [];
  for (const [rip, length] of [...lengths].sort(([a], [b]) => a - b)) {
    const inFirst = Math.min(length, PAGE_BYTES - (rip % PAGE_BYTES));
    for (const [at, bytes] of [
      [rip, inFirst],
      [rip + inFirst, length - inFirst],
    ] as const) {
      const last = ranges.at(-1);
      if (bytes === 0) continue;
      if (last && last[0] + last[1] === at && at % PAGE_BYTES !== 0) last[1] += bytes;
      else ranges.push([at, bytes]);
    }
  }
  return ranges;
}
