// The prompt and the keys: edits the line, executes commands, moves the focus. Knows keys by readline's names, and no terminal.
import { sentenceOf } from "../failure.ts";
import type { CommandTable } from "../repl-commands/command-table.ts";
import { complete } from "./completion.ts";
import type { History } from "./history.ts";
import { eventsFrom } from "./panes/event-pane.ts";
import { PANE_NAMES, type PaneName } from "./panes/pane.ts";
import { type EditKey, EMPTY_LINE, edits, type PromptLine, typed, withText } from "./prompt-line.ts";
import type { Focus, Workbench } from "./workbench.ts";

/** A key as node:readline tells it. */
export interface Key {
  readonly name?: string | undefined;
  readonly sequence?: string | undefined;
  readonly ctrl?: boolean | undefined;
  readonly meta?: boolean | undefined;
  readonly shift?: boolean | undefined;
}
const focusKeys: Readonly<Record<string, PaneName>> = { f2: "terminal", f3: "events", f4: "processes", f5: "registers", f6: "timelines", f7: "console" };
/** Names with their modifiers: `ctrl+a`, `meta+left`. */
const editKeys: Readonly<Record<string, EditKey>> = {
  left: "left",
  right: "right",
  home: "home",
  end: "end",
  backspace: "backspace",
  delete: "delete",
  up: "up",
  down: "down",
  "ctrl+b": "left",
  "ctrl+f": "right",
  "ctrl+a": "home",
  "ctrl+e": "end",
  "ctrl+h": "backspace",
  "ctrl+w": "killWord",
  "ctrl+u": "killLine",
  "ctrl+k": "killToEnd",
  "ctrl+p": "up",
  "ctrl+n": "down",
  "meta+b": "wordLeft",
  "meta+f": "wordRight",
  "ctrl+left": "wordLeft",
  "ctrl+right": "wordRight",
  "meta+backspace": "killWord",
};
const PAGE_LINES = 10;

export class Prompt {
  readonly bench: Workbench;
  readonly history: History;
  line: PromptLine = EMPTY_LINE;
  candidates: readonly string[] = [];
  readonly #table: CommandTable;
  #repeated: string | undefined;

  constructor(bench: Workbench, table: CommandTable, history: History) {
    this.bench = bench;
    this.#table = table;
    this.history = history;
  }

  /** Text and keys while the guest's terminal does not have them. */
  press(text: string | undefined, key: Key): void {
    this.candidates = key.name === "tab" ? this.candidates : [];
    const plain = key.name ?? (key.sequence === "\x1d" ? "ctrl+]" : "");
    const name = `${key.ctrl ? "ctrl+" : ""}${key.meta ? "meta+" : ""}${plain}`;
    const act = this.#keys[name] ?? this.#editing(name);
    if (act) act();
    else if (text && !key.ctrl && !key.meta && !/[\x00-\x1f\x7f]/.test(text)) this.#type(text);
    this.bench.changed();
  }
  readonly #keys: Readonly<Record<string, () => void>> = {
    return: () => this.#enter(),
    enter: () => this.#enter(),
    tab: () => this.#tab(),
    escape: () => this.bench.focusOn("prompt"),
    "ctrl+c": () => this.#interrupt(),
    "ctrl+d": () => {
      if (this.line.text === "") this.bench.quit();
      else this.line = edits.delete(this.line, []);
    },
    "ctrl+l": () => this.bench.changed(),
    "ctrl+]": () => this.bench.focusOn("terminal"),
    pageup: () => this.#scroll(-PAGE_LINES),
    pagedown: () => this.#scroll(PAGE_LINES),
    f1: () => void this.execute("help"),
    f8: () => void this.execute("step"),
    ...Object.fromEntries(Object.entries(focusKeys).map(([key, pane]) => [key, () => this.bench.focusOn(pane)])),
  };
  #editing(name: string): (() => void) | undefined {
    const edit = editKeys[name];
    if (!edit) return undefined;
    const isScroll = (edit === "up" || edit === "down") && this.bench.focus !== "prompt";
    return isScroll ? () => this.#scroll(edit === "up" ? -1 : 1) : () => this.#set(edits[edit](this.line, this.history.entries));
  }
  #set(line: PromptLine): void {
    this.line = line;
  }
  #type(text: string): void {
    if (this.bench.focus === "terminal") this.bench.focusOn("prompt");
    this.line = typed(this.line, text);
  }
  #enter(): void {
    const text = this.line.text.trim();
    this.line = EMPTY_LINE;
    if (text === "" && this.bench.focus === "events" && this.bench.eventCursor !== undefined) void this.execute(`goto ${this.bench.eventCursor}`);
    else if (text !== "") void this.execute(text);
    else if (this.#repeated !== undefined) void this.execute(this.#repeated);
  }
  #tab(): void {
    if (this.line.text === "") {
      const order: readonly Focus[] = ["prompt", ...PANE_NAMES.filter(name => name !== "terminal")];
      this.bench.focusOn(order[(order.indexOf(this.bench.focus) + 1) % order.length]!);
      return;
    }
    const { text, cursor } = this.line;
    const found = complete(this.bench, text.slice(0, cursor), this.#table);
    this.candidates = found.candidates;
    this.line = withText(this.line, found.text + text.slice(cursor), found.text.length);
  }
  #interrupt(): void {
    if (this.bench.isRunning) void this.bench.interrupt();
    else if (this.line.text !== "") this.line = EMPTY_LINE;
    else this.bench.print("Nothing runs; quit (or Ctrl-D) leaves.");
  }
  /** Up is negative. Where the event pane follows the position, the chosen event leaves it. */
  #scroll(lines: number): void {
    const { bench } = this;
    const pane = bench.focus === "prompt" ? (bench.isShown("console") ? "console" : bench.main) : bench.focus;
    if (pane === "events") this.#moveCursor(lines);
    else if (pane === "console" || pane === "terminal") bench.scroll[pane] = Math.max(0, bench.scroll[pane] - lines);
    else if (pane === "processes") bench.scroll.processes = Math.max(0, bench.scroll.processes + lines);
  }
  #moveCursor(lines: number): void {
    const { bench } = this;
    const from = bench.eventCursor ?? bench.guest.position.seq;
    const step = lines < 0 ? -1 : 1;
    const passed = eventsFrom(bench.guest, from + step, step, Math.abs(lines), bench.filter.test);
    bench.eventCursor = passed.at(-1) ?? bench.eventCursor;
  }

  /** Does what a line says; whatever goes wrong is told, never thrown. */
  async execute(text: string): Promise<void> {
    const { bench } = this;
    this.history.add(text);
    bench.console.print(`> ${text}`, { isDim: true });
    try {
      const { row, argument } = this.#table.parse(text);
      this.#repeated = row.isOnce ? undefined : text;
      const printed = bench.console.count;
      await row.run(bench, argument, this.#table);
      if (bench.console.count > printed + 1 && !bench.isShown("console")) bench.show("console");
    } catch (error) {
      this.tell(error);
    }
    bench.changed();
  }
  tell(error: unknown): void {
    this.bench.complain(sentenceOf(error));
  }
}
