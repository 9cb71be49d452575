// Which events are meant: the words after `trace -e`, `break` and the event pane's filter, as strace's qualifiers with a few of our own.
import { signalName, signals } from "../../engine/abi/constants/signals.ts";
import { isErrno } from "../../engine/abi/errno.ts";
import type { Row } from "../../engine/abi/row.ts";
import { syscallByNumber, syscalls } from "../../engine/abi/syscalls.ts";
import type { EventKind, KernelEvent } from "../../events/kernel-event.ts";
import { Failure } from "../failure.ts";
import { callOf, eventText, taskOf } from "./event-text.ts";

export type EventTest = (event: KernelEvent) => boolean;
export interface EventFilter {
  readonly text: string;
  readonly test: EventTest;
}

const rows: Readonly<Record<string, Row>> = syscalls;
const KINDS: readonly EventKind[] = [
  "boot",
  "syscall",
  "resume",
  "signal",
  "fault",
  "switch",
  "timer",
  "idle",
  "writeback",
  "abandon",
  "dump",
  "trap",
  "input",
  "exit",
];
const everything: EventTest = () => true;
const isFailed: EventTest = event => "result" in event && event.result.kind === "fail";

/** `openat,read`, `%file`, `/^stat/`, `!futex`, `all`, `none`: strace's set of calls. */
export function callSet(text: string): (name: string) => boolean {
  if (text.startsWith("!")) {
    const inner = callSet(text.slice(1));
    return name => !inner(name);
  }
  if (text === "all") return () => true;
  if (text === "none") return () => false;
  const parts = text.split(",").map(part => callMember(part.trim()));
  return name => parts.some(part => part(name));
}
function callMember(text: string): (name: string) => boolean {
  if (text.startsWith("/")) {
    const pattern = regular(text);
    return name => pattern.test(name);
  }
  if (text.startsWith("%")) {
    const wanted = text.slice(1);
    if (!Object.values(rows).some(row => row.classes.includes(wanted)))
      throw new Failure(`There is no class of calls ${text}; try ${classNames().join(", ")}.`, 2);
    return name => rows[name]?.classes.includes(wanted) ?? false;
  }
  const bare = text.replace(/^\?/, "");
  const byNumber = /^\d+$/.test(bare) ? syscallByNumber(Number(bare))?.[0] : undefined;
  const wanted = byNumber ?? bare;
  if (!(wanted in rows) && !text.startsWith("?")) throw new Failure(`There is no system call ${text}${suggestion(text)}.`, 2);
  return name => name === wanted;
}
export const classNames = (): readonly string[] => [...new Set(Object.values(rows).flatMap(row => row.classes))].toSorted().map(name => `%${name}`);
function suggestion(text: string): string {
  const near = Object.keys(rows).filter(name => name.includes(text) || text.includes(name));
  return near.length > 0 ? `; did you mean ${near.slice(0, 4).join(", ")}` : "";
}
function regular(text: string): RegExp {
  const match = /^\/(.*)\/$/.exec(text) ?? /^\/(.*)$/.exec(text);
  try {
    return new RegExp(match![1]!);
  } catch {
    throw new Failure(`${text} is not a regular expression.`, 2);
  }
}
/** SIGINT, INT or 2. */
export function signalOf(text: string): number {
  const name = text.toUpperCase().replace(/^(?!SIG)/, "SIG");
  const number = /^\d+$/.test(text) ? Number(text) : Object.entries(signals).find(([one]) => one === name)?.[1];
  if (number === undefined || number < 1 || number > 64) throw new Failure(`There is no signal ${text}.`, 2);
  return number;
}
function errnoOf(text: string): string {
  const name = text.toUpperCase();
  if (!isErrno(name)) throw new Failure(`There is no error ${text}; write a name as ENOENT.`, 2);
  return name;
}

/** What stands before `=` or after a space: `signal SIGINT`, `signal=SIGINT`. */
const keyed: Readonly<Record<string, (value: string) => EventTest>> = {
  trace: value => {
    const has = callSet(value);
    return event => has(callOf(event) ?? "");
  },
  signal: value => {
    const wanted = value.split(",").map(signalOf);
    return event => event.kind === "signal" && wanted.includes(event.signal);
  },
  pid: value => {
    const wanted = value.split(",").map(Number);
    return event => wanted.includes(taskOf(event) ?? -1);
  },
  errno: value => {
    const wanted = value.split(",").map(errnoOf);
    return event => "result" in event && event.result.kind === "fail" && wanted.includes(event.result.errno);
  },
  status: value => {
    const kinds: Readonly<Record<string, EventTest>> = {
      failed: isFailed,
      successful: event => "result" in event && event.result.kind === "done",
      unfinished: event => "result" in event && event.result.kind === "block",
      detached: () => false,
      unavailable: event => "result" in event && event.result.kind === "gone",
    };
    const wanted = value.split(",").map(one => kinds[one]);
    if (wanted.includes(undefined)) throw new Failure(`status=${value}: write ${Object.keys(kinds).join(", ")}.`, 2);
    return event => wanted.some(test => test!(event));
  },
};

/** Words that must all hold: calls, kinds of event, `signal SIGINT`, `pid 3`, `failed`, `/text/`. Nothing: every event. */
export function parseFilter(text: string): EventFilter {
  const tests: EventTest[] = [];
  const words = text.trim() === "" ? [] : text.trim().match(/\/[^/]*\/|\S+/g)!;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const [key, value] = word.includes("=") ? [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)] : [word, undefined];
    const next = words[at + 1];
    if (keyed[key] && (value !== undefined || (next !== undefined && isValueOf(key, next)))) {
      tests.push(keyed[key](value ?? next!));
      if (value === undefined) at++;
    } else tests.push(wordTest(word));
  }
  return { text: text.trim(), test: tests.length === 0 ? everything : event => tests.every(test => test(event)) };
}
const isValueOf = (key: string, next: string): boolean => key !== "signal" || /^(SIG)?[A-Z0-9,]+$/.test(next.toUpperCase());
function wordTest(word: string): EventTest {
  const kind = KINDS.find(one => one === word);
  if (kind) return event => event.kind === kind;
  if (word === "failed") return isFailed;
  if (word.startsWith("/")) {
    const pattern = regular(word);
    return event => pattern.test(eventText(event));
  }
  if (/^SIG[A-Z0-9]+$/.test(word)) {
    const signal = signalOf(word);
    return event => (event.kind === "signal" || event.kind === "fault") && event.signal === signal;
  }
  const has = callSet(word);
  return event => {
    const name = callOf(event);
    return name !== undefined && has(name);
  };
}
export const signalNames = (): readonly string[] => Array.from({ length: 31 }, (_, i) => signalName(i + 1));
