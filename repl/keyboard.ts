// Reads the host's keyboard: bytes go to the guest while its terminal has the focus, else they become keys for the prompt.

import { emitKeypressEvents } from "node:readline";
import { PassThrough } from "node:stream";
import type { Key, Prompt } from "./model/prompt.ts";

/** Ctrl-]: as telnet and virtual consoles have it. */
const LEAVE = 0x1d;
const ESCAPE_MILLIS = 50;

export class Keyboard {
  readonly #prompt: Prompt;
  readonly #keys = new PassThrough();
  /** The last byte to the guest was the one that leaves: a second one is meant for it. */
  #hasLeft = false;

  constructor(prompt: Prompt) {
    this.#prompt = prompt;
    emitKeypressEvents(this.#keys, { escapeCodeTimeout: ESCAPE_MILLIS } as never);
    this.#keys.on("keypress", (text: string | undefined, key: Key) => this.#prompt.press(text, key));
  }
  take(bytes: Uint8Array): void {
    const { bench } = this.#prompt;
    if (this.#hasLeft && bytes[0] === LEAVE) {
      this.#hasLeft = false;
      bench.focusOn("terminal");
      bench.type(bytes.subarray(0, 1));
      this.take(bytes.subarray(1));
      return;
    }
    if (bytes.length === 0) return;
    this.#hasLeft = false;
    if (bench.focus !== "terminal") {
      this.#keys.write(bytes);
      return;
    }
    const end = bytes.indexOf(LEAVE);
    const forGuest = end < 0 ? bytes : bytes.subarray(0, end);
    if (forGuest.length > 0) bench.type(Uint8Array.from(forGuest));
    if (end < 0) return;
    bench.focusOn("prompt");
    this.#hasLeft = true;
    this.take(bytes.subarray(end + 1));
  }
}
