// What the REPL is about, without a screen: timelines and the current one, what is selected, what commands printed, and the run in progress. Panes project it, commands change it.
import type { Change } from "../../events/log/header.ts";
import type { Position, PositionText } from "../../events/position.ts";
import { Failure } from "../failure.ts";
import { Breakpoints } from "./breakpoints.ts";
import { Console } from "./console.ts";
import { type EventFilter, parseFilter } from "./event-filter.ts";
import { eventText, taskOf } from "./event-text.ts";
import type { Guest } from "./guest.ts";
import { GuestScreen } from "./guest-screen.ts";
import { layoutOf, terminalSize } from "./layout.ts";
import { type Here, parseMoment, positionText } from "./moments.ts";
import type { PaneName } from "./panes/pane.ts";
import { type Arrivals, Runner, type RunOptions, type Stop } from "./runner.ts";
import { type Keeping, Timelines } from "./timelines.ts";

export type Focus = PaneName | "prompt";
/** Milliseconds between two drawings: seldom enough that drawing leaves the processor to the guest. */
const DRAW_IDLE = 16;
const DRAW_RUNNING = 80;

export interface WorkbenchOptions {
  readonly columns?: number;
  readonly rows?: number;
  /** The guest's terminal follows the size of its pane. */
  readonly resizesGuest?: boolean;
  readonly keeping?: Keeping;
  /** Of the first timeline: its forks have none. */
  readonly network?: Arrivals;
}

export class Workbench {
  readonly timelines: Timelines;
  readonly breakpoints = new Breakpoints();
  readonly console = new Console();
  readonly screen: GuestScreen;
  readonly scroll = { terminal: 0, console: 0, processes: 0 };
  focus: Focus = "prompt";
  /** The pane that is shown where there is room for one only. */
  main: PaneName = "events";
  filter: EventFilter = parseFilter("");
  /** The chosen event, where the event pane does not follow the position. */
  eventCursor: number | undefined;
  /** Registers of the selected task before the last move. */
  registersBefore: Uint8Array | undefined;
  columns: number;
  rows: number;
  hasQuit = false;
  onQuit: () => void = () => {};
  readonly #runner = new Runner();
  readonly #resizesGuest: boolean;
  readonly #network: { readonly guest: Guest; readonly arrivals: Arrivals } | undefined;
  readonly #watchers = new Set<() => void>();
  #pinned: number | undefined;
  #drawing: NodeJS.Timeout | undefined;
  #version = 0;

  constructor(guest: Guest, { columns = 80, rows = 24, resizesGuest = false, keeping, network }: WorkbenchOptions = {}) {
    this.timelines = new Timelines(guest, keeping);
    this.columns = columns;
    this.rows = rows;
    this.#resizesGuest = resizesGuest;
    const size = guestTerminal(guest) ?? terminalSize(columns, rows);
    this.screen = new GuestScreen(size.columns, size.rows);
    this.screen.onChange = () => this.changed();
    this.screen.onAnswer = bytes => this.type(bytes);
    this.screen.show(guest);
    this.#network = network && { guest, arrivals: network };
    if (network) network.onArrival = () => this.wake();
  }
  get guest(): Guest {
    return this.timelines.current;
  }
  get isRunning(): boolean {
    return this.#runner.isRunning;
  }
  get isWaiting(): boolean {
    return this.#runner.isWaiting;
  }

  // Drawing
  subscribe(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
  get version(): number {
    return this.#version;
  }
  /** Something that a pane may show is different now. */
  changed(): void {
    this.#drawing ??= setTimeout(
      () => {
        this.#drawing = undefined;
        this.#draw();
      },
      this.isRunning && !this.isWaiting ? DRAW_RUNNING : DRAW_IDLE,
    );
  }
  #draw(): void {
    const size = guestTerminal(this.guest);
    if (size) this.screen.resize(size.columns, size.rows);
    this.screen.show(this.guest);
    this.#version++;
    for (const watcher of this.#watchers) watcher();
  }
  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    const wanted = terminalSize(columns, rows);
    const has = guestTerminal(this.guest);
    if (
      this.#resizesGuest &&
      has &&
      this.guest.isAtEnd &&
      !this.guest.isSealed &&
      this.guest.status === undefined &&
      (has.columns !== wanted.columns || has.rows !== wanted.rows)
    ) {
      this.guest.input({ source: "size", ...wanted });
      this.#runner.wake();
    }
    this.changed();
  }
  isShown(pane: PaneName): boolean {
    return layoutOf(this.columns, this.rows, this.main).panes.some(one => one.pane === pane);
  }
  show(pane: PaneName): void {
    if (!this.isShown(pane)) this.main = pane;
    this.changed();
  }
  focusOn(focus: Focus): void {
    this.focus = focus;
    if (focus !== "prompt") this.show(focus);
    this.changed();
  }

  // Output of commands
  print(text: string): void {
    this.console.print(text);
    this.scroll.console = 0;
    this.changed();
  }
  complain(text: string): void {
    this.console.print(text, { color: "red" });
    this.scroll.console = 0;
    this.changed();
  }

  // What is selected
  /** The chosen task, else the one of the last event, else the running one. */
  get selectedTask(): number | undefined {
    const { tasks, runQueue } = this.guest.state.procTable;
    const last = this.guest.event(this.guest.position.seq - 1);
    const candidates = [this.#pinned, last && taskOf(last), runQueue[0], ...tasks.keys()];
    return candidates.find(tid => tid !== undefined && tasks.has(tid));
  }
  select(tid: number | undefined): void {
    if (tid !== undefined && !this.guest.state.procTable.tasks.has(tid)) throw new Failure(`There is no task ${tid} at this position.`, 2);
    this.#pinned = tid;
    this.changed();
  }

  // Positions
  get here(): PositionText {
    return this.#asText(this.guest.position);
  }
  get end(): PositionText {
    return this.#asText(this.guest.end);
  }
  #asText(position: Position): PositionText {
    return positionText(position, this.guest.event(position.seq - 1)?.tick);
  }
  moment(text: string): PositionText {
    const named = (name: string): PositionText | undefined => {
      const tagged = this.timelines.tags.get(name);
      if (tagged) return tagged.timeline === this.guest ? tagged.position : undefined;
      const other = this.timelines.find(name);
      return other && { seq: other.length, plus: 0 };
    };
    const here: Here = { position: this.here, length: this.guest.length, end: this.end, named };
    return parseMoment(text, here);
  }
  async goto(position: PositionText): Promise<void> {
    await this.halt();
    this.remember();
    this.guest.goto(position);
    this.eventCursor = undefined;
    this.scroll.terminal = 0;
    this.changed();
  }
  /** Keeps the registers as they are, so that a pane can show which ones a move changed. */
  remember(): void {
    const tid = this.selectedTask;
    this.registersBefore = tid === undefined ? undefined : this.guest.registers(tid)?.slice();
  }
  async fork(changes: readonly Change[], name?: string): Promise<Guest> {
    await this.halt();
    const made = this.timelines.fork(changes, name);
    this.changed();
    return made;
  }
  async checkout(name: string): Promise<void> {
    await this.halt();
    this.timelines.checkout(name);
    this.eventCursor = undefined;
    this.changed();
  }

  // Running
  async run(options: RunOptions): Promise<Stop> {
    await this.halt();
    this.remember();
    this.eventCursor = undefined;
    const arrivals = this.#network?.guest === this.guest ? this.#network.arrivals : undefined;
    const stop = this.#runner.run(this.guest, { ...options, onSlice: () => this.changed(), arrivals });
    this.changed();
    return stop.finally(() => this.changed());
  }
  /** Runs on until a breakpoint, the end or an interrupt, and says which. */
  async continue(): Promise<void> {
    const stop = await this.run({ waits: true, isWanted: event => this.breakpoints.at(event) !== undefined });
    this.tell(stop);
  }
  async halt(): Promise<void> {
    await this.#runner.interrupt();
  }
  /** The user wants it, and is told. */
  async interrupt(): Promise<void> {
    await this.halt();
    this.print(`Interrupted at ${this.guest.position.seq}.`);
  }
  /** One sentence about why the run ended. */
  tell(stop: Stop): void {
    (this.#tellers[stop.kind] as (stop: Stop) => void)(stop);
  }
  readonly #tellers: { readonly [K in Stop["kind"]]: (stop: Extract<Stop, { kind: K }>) => void } = {
    found: ({ seq }) => this.#tellFound(seq),
    halted: ({ status }) => this.print(`The guest has ended: ${exitSentence(status)}.`),
    end: () => this.print(`The end of what is recorded, at ${this.guest.position.seq}; continue again to run on from here.`),
    sealed: () => this.print(`The log ends here, at ${this.guest.position.seq}; fork to run on.`),
    asleep: () => this.print("Every process of the guest waits; type in its terminal (F2), or use input TEXT."),
    interrupted: () => {},
  };
  #tellFound(seq: number): void {
    const event = this.guest.event(seq);
    const breakpoint = event && this.breakpoints.at(event);
    if (breakpoint) this.breakpoints.hit(breakpoint);
    this.print(`${breakpoint ? `Breakpoint ${breakpoint.number}. ` : ""}${event ? this.describe(seq) : ""}`);
  }
  describe(seq: number): string {
    const event = this.guest.event(seq);
    if (!event) return `${seq}`;
    const task = taskOf(event);
    return `${seq}  ${task === undefined ? "" : `[pid ${task}] `}${eventText(event)}`;
  }

  /** Something came from outside while the guest slept. */
  wake(): void {
    this.#runner.wake();
  }
  /** Keys for the guest's terminal. */
  type(bytes: Uint8Array): void {
    const { guest } = this;
    if (!guest.isAtEnd) {
      this.complain(`This is the past (${guest.position.seq} of ${guest.length}): typing would change it. Leave with Ctrl-], then fork, or goto end.`);
      return;
    }
    if (guest.status !== undefined) {
      this.complain("The guest has ended. Leave with Ctrl-]; goto and fork go back and on from there.");
      return;
    }
    if (guest.isSealed) {
      this.complain("This log is finished. Leave with Ctrl-], then fork: the new timeline can go on.");
      return;
    }
    guest.input({ source: "terminal", bytes });
    this.scroll.terminal = 0;
    if (this.isRunning) this.#runner.wake();
    else void this.continue().catch(error => this.complain(error instanceof Error ? error.message : String(error)));
  }
  quit(): void {
    this.hasQuit = true;
    void this.halt().then(() => this.onQuit());
  }
}

const exitSentence = (status: number): string => ((status & 0x7f) === 0 ? `exit status ${(status >> 8) & 0xff}` : `killed by signal ${status & 0x7f}`);
function guestTerminal(guest: Guest): { readonly columns: number; readonly rows: number } | undefined {
  const terminal = guest.state.tty?.terminals?.get(0);
  return terminal && terminal.columns > 0 && terminal.rows > 0 ? terminal : undefined;
}
