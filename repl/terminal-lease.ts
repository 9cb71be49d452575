// The host's terminal, borrowed: raw mode and the alternate screen, given back whatever happens: quitting, an exception, a signal.
import { writeSync } from "node:fs";
import type { ReadStream } from "node:tty";
import { sentenceOf } from "./failure.ts";

/** Attributes off, cursor shown, bracketed paste and the mouse off, the main screen back. */
export const RESTORED = "\x1b[0m\x1b[?25h\x1b[?2004l\x1b[?1000l\x1b[?1006l\x1b[?1049l";
const DEADLY = { SIGTERM: 15, SIGHUP: 1, SIGQUIT: 3, SIGINT: 2 } as const;

export class TerminalLease {
  readonly #stdin: ReadStream;
  #isHeld = false;
  /** Lets whoever draws stop drawing, and whoever records finish its file. */
  onEnd: () => void = () => {};

  constructor(stdin: ReadStream) {
    this.#stdin = stdin;
  }
  take(): void {
    this.#isHeld = true;
    this.#stdin.setRawMode(true);
    process.on("exit", this.#giveBack);
    process.on("uncaughtException", this.#fail);
    process.on("unhandledRejection", this.#fail);
    for (const [name, number] of Object.entries(DEADLY)) process.on(name, () => this.#die(number));
  }
  end(): void {
    this.#giveBack();
    process.off("exit", this.#giveBack);
    process.off("uncaughtException", this.#fail);
    process.off("unhandledRejection", this.#fail);
    for (const name of Object.keys(DEADLY)) process.removeAllListeners(name);
    this.#stdin.pause();
  }
  readonly #giveBack = (): void => {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    try {
      this.onEnd();
    } finally {
      try {
        this.#stdin.setRawMode(false);
        writeSync(1, RESTORED);
      } catch {
        // The terminal is gone: there is nothing to give back.
      }
    }
  };
  readonly #fail = (error: unknown): void => {
    this.#giveBack();
    process.stderr.write(`chronix: ${sentenceOf(error)}\n`);
    process.exit(125);
  };
  #die(signal: number): void {
    this.#giveBack();
    process.exit(128 + signal);
  }
}
