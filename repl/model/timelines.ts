// The timelines of one sitting: a tree with git's words. HEAD is the current one at its position; tags and checkpoints are names for positions in them.
import type { Change } from "../../events/log/header.ts";
import type { Position, PositionText } from "../../events/position.ts";
import { Failure } from "../failure.ts";
import type { Guest } from "./guest.ts";

export interface Mark {
  readonly timeline: Guest;
  readonly position: PositionText;
}
export interface Branch {
  readonly timeline: Guest;
  readonly depth: number;
}

/** Where what is made in the sitting outlasts it; without it, all stays in memory. */
export interface Keeping {
  /** Where the log of a fork of that name goes. */
  pathOfFork(name: string): string;
  /** Tags of the first timeline, from earlier. */
  readonly tags: ReadonlyMap<string, Position>;
  /** `path`: the fork's log; without it, the first timeline is meant. */
  keepTag(name: string, path: string | undefined, position: Position): void;
}

export class Timelines {
  readonly all: Guest[];
  readonly tags = new Map<string, Mark>();
  readonly checkpoints: Mark[] = [];
  #current: Guest;

  readonly #keeping: Keeping | undefined;
  readonly #paths = new Map<Guest, string>();

  constructor(first: Guest, keeping?: Keeping) {
    this.#keeping = keeping;
    for (const [name, { seq, tick }] of keeping?.tags ?? []) this.tags.set(name, { timeline: first, position: { seq, plus: tick - tickBefore(first, seq) } });
    this.all = [first];
    this.#current = first;
  }
  get current(): Guest {
    return this.#current;
  }
  find(name: string): Guest | undefined {
    return this.all.find(one => one.name === name);
  }
  checkout(name: string): Guest {
    const found = this.find(name);
    if (!found) throw new Failure(`There is no timeline ${name}; there are ${this.all.map(one => one.name).join(", ")}.`, 2);
    this.#current = found;
    return found;
  }
  /** A new timeline from the current position; it becomes the current one. */
  fork(changes: readonly Change[], wanted?: string): Guest {
    const name = wanted ?? this.#freeName();
    if (this.find(name)) throw new Failure(`There is a timeline ${name} already.`, 2);
    const path = this.#keeping?.pathOfFork(name);
    const made = this.#current.fork(changes, { name, ...(path === undefined ? {} : { path }) });
    if (path !== undefined) this.#paths.set(made, path);
    this.all.push(made);
    this.#current = made;
    return made;
  }
  tag(name: string, mark: Mark): void {
    if (!/^[\w.-]+$/.test(name) || /^\d+$/.test(name)) throw new Failure(`${name} cannot be a tag: use letters, digits, dots and hyphens.`, 2);
    this.tags.set(name, mark);
    const { timeline, position } = mark;
    this.#keeping?.keepTag(name, this.#paths.get(timeline), { seq: position.seq, tick: tickBefore(timeline, position.seq) + position.plus });
  }
  /** Parents before children, each child under its parent. */
  tree(): readonly Branch[] {
    const below = (parent: Guest | undefined, depth: number): readonly Branch[] =>
      this.all
        .filter(one => (parent === undefined ? !one.parent || !this.all.includes(one.parent) : one.parent === parent))
        .flatMap(timeline => [{ timeline, depth }, ...below(timeline, depth + 1)]);
    return below(undefined, 0);
  }
  #freeName(): string {
    for (let n = 1; ; n++) if (!this.find(`fork-${n}`)) return `fork-${n}`;
  }
}
const tickBefore = (timeline: Guest, seq: number): number => timeline.event(seq - 1)?.tick ?? 0;
