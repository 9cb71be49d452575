// The computed jumps of a region that have tables: each its own, or, where wasm's nesting cannot express it, all of them the dispatcher's.
import type { Block } from "./blocks.ts";
import { JumpTable } from "./jump-table.ts";
import { isManyWay, type Plan } from "./plan.ts";

/** Where a computed jump is known to lead inside the region: blocks by addresses. */
export const blocksAfter = ({ ending }: Block): ReadonlyMap<number, number> =>
  new Map(ending.targets.flatMap(({ rip, block }): [number, number][] => (block === undefined ? [] : [[rip, block]])));

export class ComputedJumps {
  /** Of the jumps that are redirected: its slots come behind the stubs in the dispatcher's table. */
  readonly redirected: JumpTable;
  /** Nodes that a table leads to, the stubs included. */
  readonly labelled: ReadonlySet<number>;
  readonly #blocks: ReadonlyMap<number, number>;

  constructor(plan: Plan) {
    const { flow, firstBlock, dispatched } = plan;
    const blockOf = (node: number) => plan.blocks[node - firstBlock]!;
    const tables = flow.order.filter(node => node >= firstBlock && isManyWay(blockOf(node)));
    const after = (isRedirected: boolean) => tables.filter(node => plan.isRedirected(node) === isRedirected).flatMap(node => [...blocksAfter(blockOf(node))]);
    this.#blocks = new Map(after(true));
    this.redirected = new JumpTable([...this.#blocks.keys()]);
    const stubs = dispatched.length > 1 ? dispatched.map((_, i) => i + 1) : [];
    this.labelled = new Set([...stubs, ...after(false).map(([, block]) => firstBlock + block)]);
  }
  /** Where a redirected jump leads that goes to an address. */
  blockAt(rip: number): number {
    return this.#blocks.get(rip)!;
  }
}
