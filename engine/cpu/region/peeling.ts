// Loops that are entered in the middle. Where execution was found is where a region begins, and mostly that is within a loop, between its header and its end. With such an entry a loop
// has two, and no nesting of wasm's can express it; so what lies between the entry and the loop's header is copied, for whoever enters there: the loop itself has its header alone.
import type { Block } from "./blocks.ts";
import { type Loop, leadingTo, loopsIn, type Nodes } from "./loops.ts";
import { analyse, type Graph, irreducibleEdges } from "./structure.ts";

/** Where a circle may begin. */
const MOST_CANDIDATES = 24;

/** The same blocks, entered at the first so many of them; copies come last. `graph`: the ways between them that are followed directly. */
export function peeled(blocks: readonly Block[], entries: number, graph: Graph): readonly Block[] {
  const loops = loopsOf(blocks, entries, graph);
  const sizeOf = (nodes: readonly number[]) => sum(nodes.map(node => blocks[node]!.instructions.length));
  /** Copies may take as many instructions as there are. */
  let left = sizeOf([...blocks.keys()]);
  /** By the header of the loop: the numbers of its blocks' copies. */
  const copies = new Map<number, Map<number, number>>();
  const out = [...blocks];
  const entered: number[] = [];
  for (let entry = 0; entry < entries; entry++) {
    entered.push(entry);
    const loop = loops.find(({ body }) => body.has(entry));
    if (!loop || loop.header === entry) continue;
    const { header, body } = loop;
    const known = copies.get(header) ?? new Map<number, number>();
    const fresh = [...reached(graph, [entry], node => body.has(node) && node !== header)].filter(node => !known.has(node));
    left -= sizeOf(fresh);
    if (left < 0) break;
    copies.set(header, known);
    for (const node of fresh) known.set(node, out.push(blocks[node]!) - 1);
    entered[entry] = known.get(entry)!;
  }
  for (const known of copies.values()) for (const [node, copy] of known) out[copy] = leadingTo(blocks[node]!, to => known.get(to) ?? to);
  return exchanged(out, entered);
}
/** The blocks named come first, in this order; each that was there is where the one was that took its place. */
function exchanged(blocks: readonly Block[], first: readonly number[]): readonly Block[] {
  const place = new Map(first.flatMap((node, i) => (node === i ? [] : [[node, i] as const, [i, node] as const])));
  const out = [...blocks];
  blocks.forEach((block, node) => {
    out[place.get(node) ?? node] = leadingTo(block, to => place.get(to) ?? to);
  });
  return out;
}

function reached(graph: Graph, from: Iterable<number>, isWithin: (node: number) => boolean = () => true): Nodes {
  const seen = new Set(from);
  for (const node of seen) for (const to of graph[node]!) if (isWithin(to)) seen.add(to);
  return seen;
}
/** The loops as they would be without entries, the smallest first. */
function loopsOf(blocks: readonly Block[], entries: number, graph: Graph): readonly Loop[] {
  const roots = rootsOf(blocks, entries, graph);
  return loopsIn(analyse(under(roots, graph)), 1);
}
/** With a node 0 before these, and each number one more. */
const under = (roots: readonly number[], graph: Graph): Graph => [roots.map(node => node + 1), ...graph.map(list => list.map(to => to + 1))];

/** Blocks from which all can be reached: those that nothing leads to, and one of each circle that nothing outside it leads to. */
function rootsOf(blocks: readonly Block[], entries: number, graph: Graph): readonly number[] {
  const before: number[][] = graph.map(() => []);
  graph.forEach((list, from) => {
    for (const to of list) before[to]!.push(from);
  });
  const roots = [...graph.keys()].filter(node => before[node]!.length === 0);
  const seen = new Set(reached(graph, roots));
  for (const node of graph.keys()) {
    if (seen.has(node)) continue;
    const circle = firstCircle(graph, before, node);
    const root = rootOf(blocks, entries, graph, circle);
    roots.push(root);
    for (const one of reached(graph, [root])) seen.add(one);
  }
  return roots;
}
/** Of the circles that lead to a block, one that nothing leads to. */
function firstCircle(graph: Graph, before: Graph, node: number): Nodes {
  for (let at = node; ; ) {
    const after = reached(graph, [at]);
    const above = reached(before, [at]);
    const further = [...above].find(one => !after.has(one));
    if (further === undefined) return above;
    at = further;
  }
}
/** Where a circle most likely begins: where code leads back to, with the fewest ways into the middle of a loop, and the least between the entries and the headers of their loops. */
function rootOf(blocks: readonly Block[], entries: number, graph: Graph, circle: Nodes): number {
  const nodes = [...circle];
  const within = graph.map((list, from) => (circle.has(from) ? list.filter(to => circle.has(to)) : []));
  const candidates = new Set(nodes.flatMap(from => within[from]!.filter(to => blocks[to]!.rip <= blocks[from]!.rip)));
  const inside = nodes.filter(node => node < entries);
  let [best, least]: [number, number] = [nodes[0]!, Number.POSITIVE_INFINITY];
  for (const root of [...candidates].slice(0, MOST_CANDIDATES)) {
    const flow = analyse(under([root], within));
    const bad = irreducibleEdges(flow).length;
    const loops = loopsIn(flow, 1);
    const cost = bad * blocks.length ** 2 + sum(inside.map(entry => loops.find(({ body }) => body.has(entry))?.body.size ?? 0));
    if (cost < least) [best, least] = [root, cost];
  }
  return best;
}
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);
