// What a task did, step by step: lines of a trace, taken apart as far as comparing them needs. One parser for strace's lines and for ours, which look alike.

export interface Step {
  readonly kind: "call" | "signal" | "exit";
  /** The call's or signal's name; `exited`, `killed`. */
  readonly name: string;
  readonly args: string;
  /** `3`, `-1 ENOENT`, `?`. */
  readonly result: string;
  /** As it stood in the trace. */
  readonly text: string;
  /** Lines before it in the trace. */
  readonly line: number;
}
export interface TaskSteps {
  readonly pid: number;
  readonly steps: readonly Step[];
  /** The tasks that it made, in order. */
  readonly children: readonly TaskSteps[];
}

const CREATORS: ReadonlySet<string> = new Set(["clone", "clone3", "fork", "vfork"]);

/** Lines begin with the task's number; calls that wait while others go on are in two parts. */
export function stepsOf(lines: Iterable<string>): TaskSteps | undefined {
  const tasks = new Map<number, { pid: number; steps: Step[]; children: TaskSteps[] }>();
  const opened = new Map<number, string>();
  let first: number | undefined;
  const taskOf = (pid: number) => {
    const known = tasks.get(pid) ?? { pid, steps: [], children: [] };
    tasks.set(pid, known);
    first ??= pid;
    return known;
  };
  let number = 0;
  for (const line of lines) {
    const match = /^(\d+) +(.*)$/.exec(line);
    number++;
    if (!match) continue;
    const pid = Number(match[1]);
    let text = match[2]!;
    const task = taskOf(pid);
    if (text.endsWith("<unfinished ...>")) {
      opened.set(pid, text.slice(0, -"<unfinished ...>".length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text);
    if (resumed) {
      text = `${opened.get(pid) ?? ""}${resumed[1]}`;
      opened.delete(pid);
    }
    const step = stepOf(text, number);
    if (!step) continue;
    task.steps.push(step);
    const made = CREATORS.has(step.name) ? Number(step.result) : 0;
    if (made > 0) task.children.push(taskOf(made));
  }
  return first === undefined ? undefined : tasks.get(first);
}

function stepOf(text: string, line: number): Step | undefined {
  const call = /^(\w+)\((.*)\)\s+= (.*)$/s.exec(text);
  if (call) return { kind: "call", name: call[1]!, args: call[2]!.replaceAll(/ *, +/g, ", ").trim(), result: plainResult(call[3]!), text, line };
  const signal = /^--- (\w+) (.*) ---$/.exec(text);
  if (signal) return { kind: "signal", name: signal[1]!, args: signal[2]!, result: "", text, line };
  const exit = /^\+\+\+ (exited|killed) (?:with|by) (.*) \+\+\+$/.exec(text);
  if (exit) return { kind: "exit", name: exit[1]!, args: exit[2]!, result: "", text, line };
  return undefined;
}
/** Without the errno's words and remarks. */
const plainResult = (text: string): string => /^(-?\w+(?: E\w+)?|\?(?: E\w+)?)/.exec(text)?.[1] ?? text;
