// From a control-flow graph to wasm's nested blocks and loops, along the dominator tree (N. Ramsey, "Beyond Relooper", ICFP 2022).
import type { Func, Label } from "../wasm/func.ts";

/** Successors by node; node 0 is the root. */
export type Graph = readonly (readonly number[])[];
export interface Flow {
  /** Reachable nodes in reverse postorder. */
  readonly order: readonly number[];
  readonly rank: readonly number[];
  readonly dominator: readonly number[];
  readonly predecessors: readonly (readonly number[])[];
}

export function analyse(graph: Graph): Flow {
  const order = postorder(graph).reverse();
  const rank = new Array<number>(graph.length).fill(-1);
  order.forEach((node, i) => {
    rank[node] = i;
  });
  const predecessors: number[][] = graph.map(() => []);
  for (const from of order) for (const to of new Set(graph[from])) predecessors[to]!.push(from);

  // Cooper, Harvey, Kennedy: walk up to where two paths meet, until nothing changes.
  const dominator: number[] = [0];
  const meet = (a: number, b: number): number => {
    while (a !== b) {
      while (rank[a]! > rank[b]!) a = dominator[a]!;
      while (rank[b]! > rank[a]!) b = dominator[b]!;
    }
    return a;
  };
  for (let isStable = false; !isStable; ) {
    isStable = true;
    for (const node of order.slice(1)) {
      const found = predecessors[node]!.filter(from => dominator[from] !== undefined).reduce(meet);
      if (dominator[node] !== found) {
        dominator[node] = found;
        isStable = false;
      }
    }
  }
  return { order, rank, dominator, predecessors };
}
function postorder(graph: Graph): number[] {
  const done: number[] = [];
  const seen = new Set([0]);
  const open: { readonly node: number; next: number }[] = [{ node: 0, next: 0 }];
  for (let at = open.at(-1); at; at = open.at(-1)) {
    const to = graph[at.node]![at.next++];
    if (to === undefined) {
      done.push(at.node);
      open.pop();
    } else if (!seen.has(to)) {
      seen.add(to);
      open.push({ node: to, next: 0 });
    }
  }
  return done;
}

export const isBackward = ({ rank }: Flow, from: number, to: number): boolean => rank[to]! <= rank[from]!;
export const isLoopHeader = (flow: Flow, node: number): boolean => flow.predecessors[node]!.some(from => isBackward(flow, from, node));
export function dominates({ dominator, rank }: Flow, above: number, node: number): boolean {
  while (rank[node]! > rank[above]!) node = dominator[node]!;
  return node === above;
}
/** Backward edges into the middle of a loop: no nesting can express them. */
export const irreducibleEdges = (flow: Flow): readonly (readonly [number, number])[] =>
  flow.order.flatMap(to => flow.predecessors[to]!.filter(from => isBackward(flow, from, to) && !dominates(flow, to, from)).map(from => [from, to] as const));

/** More than one way leads forward to it, so that its code follows a block that they all end. */
export const isMerge = (flow: Flow, node: number): boolean => flow.predecessors[node]!.filter(from => !isBackward(flow, from, node)).length > 1;

export interface Exits {
  /** The code of the target, or a branch to it. */
  go(target: number): void;
  label(target: number): Label;
}

/** `emit` places the code of a node and leaves it by its exits; nodes in `labelled` may be reached through `label` too. */
export function structure(code: Func, flow: Flow, labelled: ReadonlySet<number>, emit: (node: number, exits: Exits) => void): void {
  const starts = new Map<number, Label>();
  const ends = new Map<number, Label>();
  const children = new Map<number, number[]>();
  const follows = (node: number): boolean => labelled.has(node) || isMerge(flow, node);
  for (const node of flow.order.slice(1)) {
    if (!follows(node)) continue;
    const above = flow.dominator[node]!;
    const list = children.get(above);
    if (list) list.push(node);
    else children.set(above, [node]);
  }
  const tree = (node: number): void => {
    const followers = children.get(node) ?? [];
    if (!isLoopHeader(flow, node)) nest(node, followers, followers.length);
    else
      code.loop(start => {
        starts.set(node, start);
        nest(node, followers, followers.length);
      });
  };
  const nest = (node: number, followers: readonly number[], count: number): void => {
    if (count === 0) {
      emit(node, { go: target => go(node, target), label: target => (isBackward(flow, node, target) ? starts : ends).get(target)! });
      return;
    }
    const last = followers[count - 1]!;
    code.block(end => {
      ends.set(last, end);
      nest(node, followers, count - 1);
    });
    tree(last);
  };
  const go = (from: number, target: number): void => {
    if (isBackward(flow, from, target)) code.br(starts.get(target)!);
    else if (follows(target)) code.br(ends.get(target)!);
    else tree(target);
  };
  tree(0);
}
