// Where a run stops: filters over events, each with a number.
import type { KernelEvent } from "../../events/kernel-event.ts";
import type { EventFilter } from "./event-filter.ts";

export interface Breakpoint {
  readonly number: number;
  readonly filter: EventFilter;
  /** Gone once it was hit. */
  readonly isTemporary: boolean;
  readonly hits: number;
}

export class Breakpoints {
  #list: readonly Breakpoint[] = [];
  #next = 1;

  get list(): readonly Breakpoint[] {
    return this.#list;
  }
  add(filter: EventFilter, isTemporary: boolean): Breakpoint {
    const made = { number: this.#next++, filter, isTemporary, hits: 0 };
    this.#list = [...this.#list, made];
    return made;
  }
  remove(number: number): boolean {
    const had = this.#list.length;
    this.#list = this.#list.filter(one => one.number !== number);
    return this.#list.length < had;
  }
  clear(): void {
    this.#list = [];
  }
  at(event: KernelEvent): Breakpoint | undefined {
    return this.#list.find(one => one.filter.test(event));
  }
  hit(breakpoint: Breakpoint): void {
    this.#list = this.#list.flatMap(one => (one !== breakpoint ? [one] : one.isTemporary ? [] : [{ ...one, hits: one.hits + 1 }]));
  }
}
