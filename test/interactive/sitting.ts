// A person at the guest's terminal, scripted: keys, waits, a window that changes, and the screen as they would see it. No host terminal, no host clock:
// time passes only as the script says, so that the same script is the same recording.
import headless from "@xterm/headless";
import type { BootParameters, Input } from "../../events/kernel-event.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { bootSource } from "../../snapshots/boot-source.ts";
import { Session } from "../../snapshots/session.ts";

const IMAGE = new ImageStore().open("busybox");
const SLICE_TICKS = 10_000_000;
/** More than a program of the tests computes before it sleeps. */
const MOST_TICKS = 500_000_000;
const MILLION = 1_000_000;
/** Between two keys: longer than editors wait for the rest of an escape sequence. */
const PAUSE_MILLIS = 100;

export const keys = { enter: "\r", escape: "\x1b", tab: "\t", up: "\x1b[A", down: "\x1b[B", right: "\x1b[C", left: "\x1b[D", backspace: "\x7f" } as const;
export const control = (letter: string): string => String.fromCharCode(letter.charCodeAt(0) & 0x1f);

export class Sitting {
  readonly session: Session;
  readonly notes: string[] = [];
  readonly #screen: headless.Terminal;
  #shown: Promise<void> = Promise.resolve();

  constructor(argv: readonly string[] = ["/bin/sh"], columns = 80, rows = 24, standard: BootParameters["standard"] = ["terminal", "terminal", "terminal"]) {
    this.#screen = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
    const source = bootSource({
      image: IMAGE,
      argv,
      environment: ["PATH=/bin:/sbin:/usr/bin:/usr/sbin", "HOME=/root", "TERM=xterm"],
      workingDirectory: "/root",
      standard,
      terminal: { columns, rows },
      memoryBytes: 2 ** 28,
    });
    this.session = Session.boot(source, {
      isPaced: true,
      note: text => void this.notes.push(text),
      output: (_, bytes) => {
        const shown = bytes.slice();
        this.#shown = this.#shown.then(() => new Promise(done => this.#screen.write(shown, done)));
      },
    });
    if (standard[0] === "terminal") this.pass(PAUSE_MILLIS);
  }

  /** The person looks on: the guest's clock goes on by so much, or until the guest ends. */
  pass(millis: number): this {
    let left = millis * MILLION;
    const limit = this.session.position.tick + MOST_TICKS;
    for (;;) {
      const stop = this.session.run({ seq: 0, tick: this.session.position.tick + SLICE_TICKS });
      if (stop.kind === "halted") return this;
      if (stop.kind === "bound") {
        if (this.session.position.tick > limit) throw new Error(`The guest computes for more than ${MOST_TICKS} instructions.`);
        continue;
      }
      if (left <= 0) return this;
      const nanos = Math.min(left, stop.untilNanos ?? left);
      this.session.skip(nanos);
      left -= nanos;
    }
  }
  /** The guest computes for so many instructions; its sleeps before and between are waited for. */
  compute(ticks: number): this {
    const tick = this.session.position.tick + ticks;
    while (this.session.position.tick < tick) {
      const stop = this.session.run({ seq: 0, tick });
      if (stop.kind === "asleep" && stop.untilNanos !== undefined) this.session.skip(stop.untilNanos);
      else if (stop.kind !== "bound") throw new Error("The guest does not compute.");
    }
    return this;
  }
  give(input: Input): this {
    this.session.input(input);
    return this.pass(PAUSE_MILLIS);
  }
  /** Each of them at once, like a paste or a key that sends several bytes. */
  type(...texts: readonly string[]): this {
    for (const text of texts) this.give({ source: "terminal", bytes: Buffer.from(text, "latin1") });
    return this;
  }
  /** A command line, its characters one by one. */
  enter(line: string): this {
    for (const character of line) this.session.input({ source: "terminal", bytes: Buffer.from(character, "latin1") });
    return this.type(keys.enter);
  }
  resize(columns: number, rows: number): this {
    this.#shown = this.#shown.then(() => this.#screen.resize(columns, rows));
    return this.give({ source: "size", columns, rows });
  }
  /** The lines of the screen, without what is empty at its end. */
  async lines(): Promise<readonly string[]> {
    await this.#shown;
    const { active } = this.#screen.buffer;
    const lines = Array.from({ length: this.#screen.rows }, (_, row) =>
      active
        .getLine(active.baseY + row)!
        .translateToString(true)
        .trimEnd(),
    );
    return lines.slice(0, lines.findLastIndex(line => line !== "") + 1);
  }
  async text(): Promise<string> {
    return (await this.lines()).join("\n");
  }
  /** The wait status, where the guest has ended. */
  get status(): number | undefined {
    return this.session.status;
  }
}
