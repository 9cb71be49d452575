// Shortcuts to drafts in use. Each step into a draft costs a tenth of a microsecond or two (measured), and every call on a file takes the same
// six; so what was found once is kept beside the open kernel, which is thrown away with the draft. Holds nothing that the state does not.
import type { Draft } from "immer";
import type { Kernel } from "../kernel.ts";
import type { Descriptor, Inode, OpenFile, Pipe } from "../state/vfs.ts";

export interface NearDrafts {
  readonly inodes: (Draft<Inode> | undefined)[];
  readonly pipes: Map<number, Draft<Pipe>>;
  /** By descriptor table and fd. Whoever changes what a descriptor refers to forgets it here. */
  readonly descriptors: Map<number, (Near | undefined)[]>;
}
export interface Near {
  readonly slot: Draft<Descriptor>;
  readonly open: Draft<OpenFile>;
}
const byKernel = new WeakMap<Kernel, NearDrafts>();
let latestKernel: Kernel | undefined;
let latest: NearDrafts | undefined;

export function nearDrafts(kernel: Kernel): NearDrafts {
  if (kernel === latestKernel) return latest!;
  let near = byKernel.get(kernel);
  if (!near) {
    near = { inodes: [], pipes: new Map(), descriptors: new Map() };
    byKernel.set(kernel, near);
  }
  latestKernel = kernel;
  latest = near;
  return near;
}
