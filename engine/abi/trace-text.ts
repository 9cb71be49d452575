// Events as strace 6 prints them (strace(1)). Pure text: where it goes, and which events it is made of, others decide.
import type { BootEvent, CallResult, ExitEvent, KernelEvent, ResumeEvent, SignalEvent, SyscallEvent } from "../../events/kernel-event.ts";
import { Address, type CallView, quoted, type Raws } from "./argument.ts";
import { signalName } from "./constants/signals.ts";
import { errnoText } from "./errno.ts";
import { Fault, noOtherMemory, type Raw, type Store } from "./memory-view.ts";
import { ReadMemory, storedAt } from "./recorded-memory.ts";
import type { AnyArg, Row } from "./row.ts";
import { siginfo } from "./structs/siginfo.ts";
import { syscallByNumber, syscalls } from "./syscalls.ts";

export interface TraceOptions {
  /** Most bytes of a string that are shown (strace's -s); 32 without it. */
  readonly stringLimit?: number;
  /** Calls that are to be shown (-e trace=…); all without it. */
  readonly shows?: (name: string, row: Row) => boolean;
}

/** Results begin in this column, where the call's text is not longer. */
const RESULT_COLUMN = 40;
const padded = (text: string, start: number): string => (start + text.length < RESULT_COLUMN ? text.padEnd(RESULT_COLUMN - start) : text);

/** What is needed to show a call: its registers and reads from its first event, result and stores from its last. */
interface CallFacts {
  readonly number: number;
  readonly raws: readonly Raw[];
  readonly reads: SyscallEvent["reads"];
  readonly result: CallResult;
  readonly stores: readonly Store[];
  readonly isInjected: boolean;
}
interface Shown {
  readonly name: string;
  readonly row: Row | undefined;
  readonly view: CallView;
}
function shown({ number, raws, reads, result, stores }: CallFacts, options: TraceOptions): Shown {
  const [name, row] = syscallByNumber(number) ?? [`syscall_${numberText(number)}`, undefined];
  const named: Record<string, Raw> = {};
  for (const [i, argument] of Object.keys(row?.args ?? {}).entries()) named[argument] = raws[i] ?? 0;
  const view: CallView = {
    raws: named as Raws,
    before: row ? new ReadMemory(row, named, reads) : NOTHING,
    after: (address, length) => storedAt(stores, address, length),
    value: result.kind === "done" ? result.value : undefined,
    errno: result.kind === "fail" ? result.errno : undefined,
    ...(options.stringLimit === undefined ? {} : { stringLimit: options.stringLimit }),
  };
  return { name, row, view };
}
const NOTHING = { read: () => new Uint8Array(0), readString: () => new Uint8Array(0), ...noOtherMemory };
const numberText = (number: number): string => `0x${(number >>> 0).toString(16)}`;

/** Arguments that tell something only when the call has returned. */
const isLate = (arg: AnyArg): boolean => arg.isLate ?? arg.encode !== undefined;
const argumentTexts = ({ row, view }: Shown): readonly string[] =>
  Object.entries(row?.args ?? {}).map(([name, arg]) => argumentText(arg, view.raws[name]!, view));
/** Where memory could not be read, the address is what there is to show. */
function argumentText(arg: AnyArg, raw: Raw, view: CallView): string {
  try {
    return arg.format(raw, view);
  } catch (error) {
    if (error instanceof Fault) return Address.format(raw, view);
    throw error;
  }
}
/** How many arguments can be shown while the call has not returned. */
function earlyCount({ row }: Shown): number {
  const args = row ? Object.values(row.args) : [];
  const late = args.findIndex(isLate);
  return late < 0 ? args.length : late;
}
/** An argument that shows nothing is left out: open's mode without O_CREAT. */
const listed = (texts: readonly string[]): string => texts.filter(text => text !== "").join(", ");

/** `read(0, `: a call that waits, up to where its text can be given. */
function opening(call: Shown): string {
  const texts = argumentTexts(call);
  const early = earlyCount(call);
  const rest = listed(texts.slice(early));
  return `${call.name}(${listed(texts.slice(0, early))}${early > 0 && rest !== "" ? ", " : ""}`;
}
/** `"a", 1)`: what `opening` left. */
const closing = (call: Shown): string => `${listed(argumentTexts(call).slice(earlyCount(call)))})`;

const hex = (value: number): string => `0x${(value < 0 ? value + 2 ** 64 : value).toString(16)}`;
const valueTexts: Readonly<Record<Row["returns"], (value: number) => string>> = {
  int: String,
  fd: String,
  none: () => "?",
  address: hex,
};
function orNothing(text: () => string | undefined): string | undefined {
  try {
    return text();
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}
/** ` = 3`, ` = -1 ENOENT (No such file or directory)`, ` = ?`. */
function resultText({ row, view }: Shown, { result, isInjected }: CallFacts): string {
  const injected = isInjected ? " (INJECTED)" : "";
  if (result.kind === "fail") {
    const isInternal = result.errno.startsWith("ERESTART");
    return `= ${isInternal ? "?" : "-1"} ${result.errno} (${errnoText(result.errno)})${injected}`;
  }
  const args = row ? Object.entries(row.args) : [];
  const value = args.map(([name, arg]) => orNothing(() => arg.returned?.(view.raws[name]!, view))).find(text => text !== undefined);
  if (result.kind !== "done") return `= ${value ?? (row?.returns === "none" ? "?" : "0")}`;
  const remarks = args.map(([name, arg]) => orNothing(() => arg.remark?.(view.raws[name]!, view)) ?? "").filter(Boolean);
  return `= ${value ?? valueTexts[row?.returns ?? "int"](result.value)}${remarks.length > 0 ? ` (${remarks.join(", ")})` : ""}${injected}`;
}

const factsOf = (event: SyscallEvent): CallFacts => ({ ...event, isInjected: event.injected !== undefined });
/** One call on a line of its own, without the line's end. */
export function callText(event: SyscallEvent, options: TraceOptions = {}): string {
  const facts = factsOf(event);
  const call = shown(facts, options);
  if (event.result.kind === "block") return `${opening(call)} <unfinished ...>`.replace("  <", " <");
  return `${padded(`${call.name}(${listed(argumentTexts(call))}) `, 0)}${resultText(call, facts)}`;
}
const encoder = new TextEncoder();
/** How the first program came to run, as strace shows its own child's execve. */
export function bootText({ parameters: { program, argv, environment } }: BootEvent, options: TraceOptions = {}): string {
  const list = argv.map(one => quoted(encoder.encode(one), options.stringLimit)).join(", ");
  const call = `execve(${quoted(encoder.encode(program), Number.POSITIVE_INFINITY)}, [${list}], [/* ${environment.length} var${environment.length === 1 ? "" : "s"} */]) `;
  return `${padded(call, 0)}= 0`;
}
/** `--- SIGSEGV {si_signo=SIGSEGV, …} ---`. */
export function signalText(event: SignalEvent, faultAddress?: number): string {
  if (event.action === "stop" && event.code === 0 && !event.origin) return `--- stopped by ${signalName(event.signal)} ---`;
  const { pid, uid, status, value } = event.origin ?? { pid: 0, uid: 0, status: 0, value: faultAddress ?? 0 };
  return `--- ${signalName(event.signal)} ${siginfo.format({ signal: event.signal, code: event.code, errno: 0, pid, uid, status, value })} ---`;
}
const CORE_BIT = 0x80;
/** `+++ exited with 0 +++`, `+++ killed by SIGSEGV (core dumped) +++`. */
export function exitText({ status }: Pick<ExitEvent, "status">): string {
  const signal = status & 0x7f;
  if (signal === 0) return `+++ exited with ${(status >> 8) & 0xff} +++`;
  return `+++ killed by ${signalName(signal)}${status & CORE_BIT ? " (core dumped)" : ""} +++`;
}

/** What a task has been seen doing. */
interface Waiting {
  readonly event: SyscallEvent;
  /** Its line has been ended by another task's. */
  isInterrupted: boolean;
}
const CREATORS: ReadonlySet<string> = new Set(["clone", "clone3", "fork", "vfork"]);

/** The trace of a run of events, as `strace -f` writes it: a call that waits while others go on is cut in two. */
export class Tracer {
  readonly #options: TraceOptions;
  readonly #tasks = new Set<number>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #faults = new Map<number, number>();
  /** The task whose line has no end yet. */
  #unfinished: number | undefined;
  readonly #formatters: { readonly [K in KernelEvent["kind"]]?: (event: Extract<KernelEvent, { kind: K }>) => string } = {
    boot: event => (this.#options.shows && !this.#options.shows("execve", syscalls.execve) ? "" : `${bootText(event, this.#options)}\n`),
    syscall: event => this.#call(event),
    resume: event => this.#resume(event),
    fault: event => {
      this.#faults.set(event.task, event.address);
      return "";
    },
    signal: event => this.#line(event.task, `${signalText(event, this.#faults.get(event.task))}\n`),
    exit: event => {
      const text = this.#line(event.task, `${exitText(event)}\n`);
      this.#tasks.delete(event.task);
      this.#waiting.delete(event.task);
      return text;
    },
  };

  constructor(options: TraceOptions = {}) {
    this.#options = options;
  }
  /** The text that this event adds; it may end within a line. */
  next(event: KernelEvent): string {
    return (this.#formatters[event.kind] as ((event: KernelEvent) => string) | undefined)?.(event) ?? "";
  }
  /** Ends a line that has no end yet. */
  end(): string {
    return this.#interrupt();
  }

  #call(event: SyscallEvent): string {
    this.#tasks.add(event.task);
    const text = this.#callText(event);
    if (event.result.kind === "gone" && syscallByNumber(event.number)?.[0] === "exit") this.#tasks.delete(event.task);
    this.#born(event.number, event.result);
    return text;
  }
  #callText(event: SyscallEvent): string {
    const facts = factsOf(event);
    const call = shown(facts, this.#options);
    if (!this.#isShown(call)) return "";
    if (event.result.kind !== "block") {
      const start = this.#prefix(event.task);
      return this.#line(event.task, `${padded(`${call.name}(${listed(argumentTexts(call))}) `, start.length)}${resultText(call, facts)}\n`);
    }
    this.#waiting.set(event.task, { event, isInterrupted: false });
    const text = this.#line(event.task, opening(call));
    this.#unfinished = event.task;
    return text;
  }
  #resume(event: ResumeEvent): string {
    const waiting = this.#waiting.get(event.task);
    if (event.result.kind === "block") return "";
    const first = waiting?.event;
    const facts: CallFacts = {
      number: event.number,
      raws: first?.raws ?? [],
      reads: first?.reads ?? [],
      result: event.result,
      stores: event.stores,
      isInjected: false,
    };
    const call = shown(facts, this.#options);
    this.#waiting.delete(event.task);
    if (!this.#isShown(call)) return "";
    const rest = first ? closing(call) : ")";
    this.#tasks.add(event.task);
    if (waiting && this.#unfinished === event.task) {
      this.#unfinished = undefined;
      const start = `${this.#prefix(event.task)}${opening(call)}`.length;
      return `${padded(`${rest} `, start)}${resultText(call, facts)}\n`;
    }
    const start = this.#prefix(event.task);
    return this.#line(event.task, `${padded(`<... ${call.name} resumed>${rest} `, start.length)}${resultText(call, facts)}\n`);
  }
  #isShown({ name, row }: Shown): boolean {
    return !this.#options.shows || (row !== undefined && this.#options.shows(name, row));
  }
  /** A new task is a new `[pid …]`. */
  #born(number: number, result: CallResult): void {
    const name = syscallByNumber(number)?.[0];
    if (name && CREATORS.has(name) && result.kind === "done" && result.value > 0) this.#tasks.add(result.value);
  }
  #prefix(task: number): string {
    return this.#tasks.size > 1 ? `[pid ${String(task).padStart(5)}] ` : "";
  }
  #line(task: number, text: string): string {
    return `${this.#interrupt()}${this.#prefix(task)}${text}`;
  }
  #interrupt(): string {
    if (this.#unfinished === undefined) return "";
    const waiting = this.#waiting.get(this.#unfinished);
    this.#unfinished = undefined;
    const isOpenArgument = waiting && opening(shown(factsOf(waiting.event), this.#options)).endsWith(" ");
    return `${isOpenArgument ? "" : " "}<unfinished ...>\n`;
  }
}
