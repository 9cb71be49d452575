// A progress bar on standard error for what takes longer than two seconds, and only on a terminal.
import { Presets, SingleBar } from "cli-progress";

const QUIET_MILLIS = 2000;

export class Progress {
  readonly #label: string;
  readonly #total: number;
  readonly #since = performance.now();
  #bar: SingleBar | undefined;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }
  at(done: number): void {
    if (!process.stderr.isTTY) return;
    if (!this.#bar) {
      if (performance.now() - this.#since < QUIET_MILLIS) return;
      this.#bar = new SingleBar(
        { format: `${this.#label} [{bar}] {percentage}% {value}/{total}`, stream: process.stderr, clearOnComplete: true, hideCursor: null },
        Presets.legacy,
      );
      this.#bar.start(this.#total, done);
    }
    this.#bar.update(done);
  }
  end(): void {
    this.#bar?.stop();
  }
}
