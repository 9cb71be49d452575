// An event as one line of text, as strace shows it, and the words by which it is found.
import { codeName, signalName } from "../../engine/abi/constants/signals.ts";
import { errnoText } from "../../engine/abi/errno.ts";
import { syscallByNumber } from "../../engine/abi/syscalls.ts";
import { callText, exitText, signalText } from "../../engine/abi/trace-text.ts";
import type { CallResult, Input, KernelEvent } from "../../events/kernel-event.ts";

type Kind = KernelEvent["kind"];
type Of<K extends Kind> = Extract<KernelEvent, { kind: K }>;

export const callNameOf = (number: number): string => syscallByNumber(number)?.[0] ?? `syscall_${number}`;
/** The system call of an event; `undefined` for others. */
export const callOf = (event: KernelEvent): string | undefined => (event.kind === "syscall" || event.kind === "resume" ? callNameOf(event.number) : undefined);
export const taskOf = (event: KernelEvent): number | undefined => ("task" in event ? event.task : undefined);

const printable = (bytes: Readonly<Uint8Array>): string =>
  JSON.stringify(Buffer.from(bytes.subarray(0, 32)).toString("latin1")) + (bytes.length > 32 ? "..." : "");
const inputText: { readonly [S in Input["source"]]: (input: Extract<Input, { source: S }>) => string } = {
  terminal: ({ bytes }) => `terminal ${printable(bytes)}`,
  hangup: () => "terminal hangs up",
  size: ({ columns, rows }) => `terminal becomes ${columns}x${rows}`,
  stdin: ({ bytes }) => (bytes ? `stdin ${printable(bytes)}` : "stdin ends"),
  closed: ({ to }) => `nobody reads ${to} any more`,
  signal: ({ signal }) => `signal ${signalName(signal)}`,
  incoming: ({ link, port }) => `link ${link} comes in at port ${port}`,
  dialled: ({ link }) => `link ${link} is connected`,
  refused: ({ link, errno }) => `link ${link} is refused: ${errno}`,
  link: ({ link, bytes }) => (bytes ? `link ${link} ${printable(bytes)}` : `link ${link} ends`),
  reset: ({ link }) => `link ${link} is reset`,
  taken: ({ link, count }) => `link ${link} has taken ${count} bytes`,
};
/** A trace lines its results up in a column; a pane has no room for that. */
const compact = (text: string): string => text.replace(/ {2,}= (?=\S+( |$))/, " = ");
const resumedText = (result: CallResult): string =>
  result.kind === "done"
    ? `= ${result.value}`
    : result.kind === "fail"
      ? `= ${result.errno.startsWith("ERESTART") ? "?" : "-1"} ${result.errno} (${errnoText(result.errno)})`
      : "= ?";
const texts: { readonly [K in Kind]: (event: Of<K>) => string } = {
  boot: ({ parameters }) => `boot ${parameters.imageName}: ${parameters.argv.join(" ")}`,
  syscall: event => compact(callText(event)),
  resume: ({ number, result }) => `<... ${callNameOf(number)} resumed> ${result.kind === "block" ? "<unfinished ...>" : resumedText(result)}`,
  signal: event => signalText(event),
  fault: ({ signal, code, address }) => `fault ${signalName(signal)}, ${codeName(signal, code)}, at 0x${address.toString(16)}`,
  switch: ({ task }) => `switch to ${task}`,
  timer: () => "timer",
  writeback: ({ inode, index }) => `writeback of page ${index} of inode ${inode}`,
  abandon: ({ task, words }) => `task ${task} leaves ${words.length} futexes behind`,
  dump: ({ task, pages }) => `task ${task} leaves a core file: ${pages.length} changed pages`,
  trap: ({ task, at, number }) =>
    at === "rest" ? `task ${task} goes on` : `task ${task} stops for its tracer: ${number === undefined ? at : `${at} ${callNameOf(number)}`}`,
  idle: ({ nanos }) => `idle ${(nanos / 1e9).toFixed(6)} s`,
  input: ({ input }) => `input: ${(inputText[input.source] as (input: Input) => string)(input)}`,
  exit: event => exitText(event),
};
export const eventText = (event: KernelEvent): string => (texts[event.kind] as (event: KernelEvent) => string)(event);
