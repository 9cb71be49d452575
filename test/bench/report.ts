// What was measured, as medians and ratios, and as the table that people read.
import type { Program } from "./program-table.ts";
import type { RunnerName } from "./runners.ts";
import type { Run, Timing } from "./stopwatch.ts";

/** Before a program's runs are counted, for what they keep: docs/decisions/kept-code.md. */
export const UNCOUNTED_RUNS = 3;

export interface Row {
  readonly program: Program;
  readonly work: number;
  readonly medians: Partial<Record<RunnerName, Timing>>;
  /** Why there is no figure. */
  readonly missing: Partial<Record<RunnerName, string>>;
  /** Of the first run after the build, which had nothing that runs before it had kept. */
  readonly first?: Timing;
  /** Instructions that Chronix retired, where it recorded the program. */
  readonly instructions?: number;
}
/** `chronix run busybox true` beside `node -e 0`; and a shell that starts 300 times `busybox true`, beside as many starts of QEMU. */
export interface Start {
  readonly busyboxTrue?: Timing;
  readonly node?: Timing;
  readonly processes?: Timing;
  readonly qemuProcesses?: Timing;
}
export interface Report {
  readonly host: { readonly processor: string; readonly node: string };
  readonly rounds: number;
  readonly isQuick: boolean;
  readonly start: Start;
  readonly rows: readonly Row[];
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
export function medianTiming(runs: readonly Run[]): Timing | undefined {
  const ran = runs.filter(run => run.kind === "ran");
  if (ran.length === 0) return undefined;
  return { wallMillis: median(ran.map(run => run.wallMillis)), cpuMillis: median(ran.map(run => run.cpuMillis)) };
}
export const ratio = ({ medians }: Row, one: RunnerName, other: RunnerName, of: keyof Timing = "wallMillis"): number | undefined => {
  const [above, below] = [medians[one]?.[of], medians[other]?.[of]];
  return above === undefined || !below ? undefined : above / below;
};
/**
 * Millions of instructions a second, without the time it takes to start; none where starting is most of the time.
 * By wall or processor time, whichever is less: a busy host stretches the one, the compiler's threads add to the other.
 */
export function speed({ instructions, medians: { run } }: Row, { busyboxTrue }: Start): number | undefined {
  if (instructions === undefined || !run || !busyboxTrue) return undefined;
  const millis = Math.min(run.wallMillis - busyboxTrue.wallMillis, run.cpuMillis - busyboxTrue.cpuMillis);
  return millis < busyboxTrue.cpuMillis ? undefined : instructions / millis / 1000;
}

const columns: readonly (readonly [title: string, cell: (row: Row, start: Start) => string])[] = [
  ["program", ({ program }) => program.name],
  ["work", ({ work }) => String(work)],
  ["what", ({ program }) => program.what],
  ...(["native", "qemu", "strace", "run", "record"] as const).map((name): (typeof columns)[number] => [
    `${name} ms`,
    ({ medians, missing }) => {
      const millis = medians[name]?.wallMillis;
      return millis === undefined ? (missing[name] === undefined ? "" : "not served") : millis.toFixed(0);
    },
  ]),
  ["first run ms", ({ first }) => first?.wallMillis.toFixed(0) ?? ""],
  ["run/native", row => times(ratio(row, "run", "native"))],
  ["run/QEMU", row => times(ratio(row, "run", "qemu"))],
  ["record/run", row => times(ratio(row, "record", "run"))],
  ["record/strace", row => times(ratio(row, "record", "strace"))],
  ["CPU: run/native", row => times(ratio(row, "run", "native", "cpuMillis"))],
  ["CPU: record/strace", row => times(ratio(row, "record", "strace", "cpuMillis"))],
  ["million instructions/s", (row, start) => (row.program.isInteger ? (speed(row, start)?.toFixed(0) ?? "") : "")],
];
const times = (value: number | undefined): string => (value === undefined ? "" : value.toFixed(value < 10 ? 2 : 1));

export function table({ rows, start }: Report): string {
  const cells = [columns.map(([title]) => title), ...rows.map(row => columns.map(([, cell]) => cell(row, start)))];
  const widths = columns.map((_, column) => Math.max(3, ...cells.map(line => line[column]!.length)));
  const line = (texts: readonly string[]) => `| ${texts.map((text, column) => text.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(cells[0]!), line(widths.map(width => "-".repeat(width))), ...cells.slice(1).map(line)].join("\n");
}
export function sentences({ rows, start, host, rounds, isQuick }: Report): readonly string[] {
  const speeds = rows.flatMap(row => (row.program.isInteger ? [speed(row, start) ?? []].flat() : []));
  const { busyboxTrue, node, processes, qemuProcesses } = start;
  return [
    `Medians of ${rounds} interleaved rounds of wall time on ${host.processor}, Node ${host.node}${isQuick ? ", with less work than usual" : ""}.`,
    ...(busyboxTrue && node
      ? [
          `\`chronix run busybox true\` takes ${busyboxTrue.wallMillis.toFixed(0)} ms, ${(busyboxTrue.wallMillis / node.wallMillis).toFixed(1)} times \`node -e 0\` (${node.wallMillis.toFixed(0)} ms); ${(busyboxTrue.cpuMillis / node.cpuMillis).toFixed(1)} times its processor time.`,
        ]
      : []),
    ...(processes && qemuProcesses
      ? [
          `A shell that starts 300 processes takes ${processes.cpuMillis.toFixed(0)} ms of processor time, ${(processes.cpuMillis / qemuProcesses.cpuMillis).toFixed(2)} times 300 starts of QEMU (${qemuProcesses.cpuMillis.toFixed(0)} ms).`,
        ]
      : []),
    ...(speeds.length > 0
      ? [`Chronix retires ${median(speeds).toFixed(0)} million instructions a second at the median of the integer programs, starting aside.`]
      : []),
    ...rows.flatMap(({ program, missing }) => Object.entries(missing).map(([runner, reason]) => `${program.name} under ${runner} is not served: ${reason}.`)),
  ];
}
export const page = (report: Report): string =>
  `# Benchmarks

Written by \`npm run bench -- --write\`. The programs are in [test/bench/programs](../test/bench/programs); each prints one line that depends on all its work, and every way of running it printed
the same. \`run\` and \`record\` are Chronix, start-up included, after ${UNCOUNTED_RUNS} runs that are not counted: they leave compiled code to those after them, and now and then a process that compiles more, whose end is waited for. What the first of these took, which found nothing, is \`first run\`; QEMU is its user mode, strace is \`strace -f -o /dev/null\`. Lower is better.

${sentences(report)
  .map(sentence => `- ${sentence}`)
  .join("\n")}

${table(report)}
`;
