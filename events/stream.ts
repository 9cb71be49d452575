// Events as they happen, for whoever watches. Nobody makes state from them; where nobody watches, publishing costs one comparison.
import { type Observable, Subject } from "rxjs";
import type { KernelEvent } from "./kernel-event.ts";

export interface SequencedEvent {
  readonly seq: number;
  readonly event: KernelEvent;
}

export class EventStream {
  readonly #subject = new Subject<SequencedEvent>();
  /** Hot and synchronous: a watcher is told of what happens while it is subscribed, before the machine goes on. */
  readonly events$: Observable<SequencedEvent> = this.#subject.asObservable();

  publish(event: KernelEvent, seq: number): void {
    if (this.#subject.observed) this.#subject.next({ seq, event });
  }
  /** No more will come. */
  complete(): void {
    this.#subject.complete();
  }
}
