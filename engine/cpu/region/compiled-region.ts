// What was compiled of some code, wherever it is put, and where such regions of earlier runs come from.
import type { StartsInPage } from "../code-pages.ts";
import type { Extent } from "./blocks.ts";
import type { AddressSet, PackedProfile } from "./packed-profile.ts";
import type { SavedAccount } from "./sampler.ts";
import type { Traces } from "./traces.ts";

/** Code by address and length in bytes, within one page each. */
export type CodeRange = readonly [at: number, length: number];
/** Where a region's instructions lie, and their bytes, range after range. */
export interface RegionCode {
  readonly ranges: readonly CodeRange[];
  readonly bytes: Uint8Array;
}
export function regionCode(ranges: readonly CodeRange[], bytesAt: (...range: CodeRange) => Uint8Array): RegionCode {
  const bytes = new Uint8Array(ranges.reduce((sum, [, length]) => sum + length, 0));
  let end = 0;
  for (const range of ranges) {
    bytes.set(bytesAt(...range), end);
    end += range[1];
  }
  return { ranges, bytes };
}
export interface CompiledRegion {
  /** The addresses at which it may be entered, each the entry of its number. */
  readonly entries: readonly number[];
  /** Instructions. */
  readonly size: number;
  readonly extent: Extent["kind"];
  /** The addresses of them all; of a function's region, without those of the functions that it takes in. */
  readonly rips: AddressSet;
  readonly profile: PackedProfile;
  /** What of MXCSR's PE its code relies on, if it does: whether that was recorded, and masked, when it was compiled. */
  readonly relies: "clear" | "recorded" | undefined;
  /** Its code relies on a host whose relaxed multiplication and addition rounds once. */
  readonly fuses: boolean;
  /** The WebAssembly module of it alone, whose one export it is. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly module: WebAssembly.Module;
  /** Where it is one of many in a module (gathered-module.ts): that, and its number there. */
  readonly gathered?: { readonly module: WebAssembly.Module; readonly number: number };
  /** It calls routines of the interpreter's module. */
  readonly calls: boolean;
}
/** A region that may be put wherever the same code lies at the same addresses. */
export interface KeptRegion extends CompiledRegion {
  readonly code: RegionCode;
}
/** A region of this run. */
export interface LivingRegion {
  readonly of: CompiledRegion;
  /** The module's export. */
  readonly run: unknown;
  /** What it was put from; if that is nothing, this run has compiled it. */
  readonly kept: KeptRegion | undefined;
  /** It lies in files' pages that nobody has written. */
  isOfFiles(): boolean;
  code(): RegionCode;
}
/** Ticks of a run: all, and those that were interpreted; and how often compiled code was left for what is not compiled. */
export interface Spent {
  readonly ticks: number;
  readonly interpreted: number;
  readonly timesLeft: number;
}
/** What is worth keeping of a run. */
export interface Keepsakes {
  regions(): Iterable<LivingRegion>;
  /** What has been spent where nothing was compiled. */
  accounts(): readonly SavedAccount[];
  spent(): Spent;
  /** What execution did, where that was asked for. */
  traces(): Traces | undefined;
  /** Where it was. */
  decoded(): Iterable<StartsInPage>;
  /** Places in the interpreter's table that it needed. */
  coldPlaces(): ReadonlySet<number>;
}
/** Regions of earlier runs. Nothing that the guest can see depends on them. */
export interface RegionShelf {
  /** Code of the program has been compiled between runs: then that is how later runs are paid for. */
  readonly isGathered: boolean;
  /** More is to be: what this run does is to be written down for that. */
  readonly wantsTraces: boolean;
  /** Of the run before; none where regions are gathered. */
  accounts(): readonly SavedAccount[];
  /** Those with code in a page, by the page's number. */
  lyingIn(page: number): readonly KeptRegion[];
  /** Where earlier runs have executed instructions of a page: see `StartsInPage`. */
  startsIn(page: number): Uint8Array | undefined;
  /** Another region stands for the same code now. */
  replaced(region: KeptRegion): void;
  /** A machine takes from here what it finds, and has this to give. */
  follow(run: Keepsakes): void;
  /** Asked while a run goes on, with what it has spent: whether it is to write down what it does from now on, or no longer; or more regions have come. */
  next(spent: Spent): "trace" | "enough" | "come" | undefined;
}
