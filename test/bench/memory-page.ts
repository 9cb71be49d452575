// docs/memory.md: what programs took of the host's memory, and how it went on over minutes. Either half is written by itself; the other stays as it was.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MixedWork, mostBetween } from "./mixed-work.ts";

const PAGE = join(import.meta.dirname, "../../docs/memory.md");
const MB = 1e6;
/** What the host's process may take beyond the guest's own memory. */
export const MOST_BEYOND_BYTES = 400 * MB;
const MINUTE = 60;

export interface Row {
  readonly name: string;
  readonly native: number;
  readonly run: number;
  readonly record: number;
}
export interface Host {
  readonly processor: string;
  readonly node: string;
}
export const beyond = ({ native, run, record }: Row): number => Math.max(run, record) - native;
const mb = (bytes: number): string => (bytes / MB).toFixed(0);

export function programsText(rows: readonly Row[], host: Host): string {
  const most = rows.toSorted((a, b) => beyond(b) - beyond(a))[0]!;
  const over = rows.filter(row => beyond(row) > MOST_BEYOND_BYTES);
  const columns = ["program", "natively MB", "run MB", "record MB", "beyond MB"];
  const cells = [columns, ...rows.map(row => [row.name, (row.native / MB).toFixed(1), mb(row.run), mb(row.record), mb(beyond(row))])];
  const widths = columns.map((_, column) => Math.max(...cells.map(line => line[column]!.length)));
  const line = (texts: readonly string[]) => `| ${texts.map((text, column) => text[column ? "padStart" : "padEnd"](widths[column]!)).join(" | ")} |`;
  return [
    `The largest resident set of one process: the program's own natively, and that of Chronix's process, with Node in it. \`beyond\` is the larger of \`run\` and \`record\` without what it takes natively.`,
    "Cases of BusyBox read a mounted folder, whose files the machine holds in memory besides.",
    "",
    `- On ${host.processor}, Node ${host.node}.`,
    `- The most beyond is ${mb(beyond(most))} MB, of ${most.name}; ${over.length === 0 ? "all stay" : `${over.map(({ name }) => name).join(", ")} ${over.length === 1 ? "does" : "do"} not stay`} within ${mb(MOST_BEYOND_BYTES)} MB.`,
    "",
    line(cells[0]!),
    line(widths.map((width, column) => (column ? `${"-".repeat(width - 1)}:` : "-".repeat(width)))),
    ...cells.slice(1).map(line),
  ].join("\n");
}

/** How much the last two minutes' most is above that of the third and fourth; a run of less than six minutes does not tell. */
export function growthBytes({ samples }: MixedWork): number | undefined {
  const last = samples.at(-1)?.seconds ?? 0;
  if (last < 6 * MINUTE) return undefined;
  return mostBetween(samples, last - 2 * MINUTE, last) - mostBetween(samples, 2 * MINUTE, 4 * MINUTE);
}
export function mixedText(work: MixedWork, host: Host): string {
  const minutes = Math.ceil(work.samples.at(-1)!.seconds / MINUTE);
  const growth = growthBytes(work);
  const verdict =
    growth === undefined
      ? "Too short to say whether it grows."
      : `The most of the last two minutes is ${mb(Math.abs(growth))} MB ${growth > 0 ? "above" : "below"} that of minutes 3 and 4: it ${growth > 0 ? "grew" : "did not grow"}.`;
  return [
    "A shell in the Debian image is recorded while it goes round with awk, sort, gzip, pipes, background jobs, find and Python; the resident set of Chronix's process is looked at every 5 s.",
    "",
    `- On ${host.processor}, Node ${host.node}: ${work.rounds} rounds, a log of ${mb(work.logBytes)} MB, ${mb(work.peakBytes)} MB resident at the peak.`,
    `- ${verdict}`,
    "",
    "| minute | most MB | least MB |",
    "| -----: | ------: | -------: |",
    ...Array.from({ length: minutes }, (_, minute) => {
      const within = work.samples
        .filter(({ seconds }) => seconds > minute * MINUTE && seconds <= (minute + 1) * MINUTE)
        .map(({ residentBytes }) => residentBytes);
      return `| ${String(minute + 1).padStart(6)} | ${mb(Math.max(...within)).padStart(7)} | ${mb(Math.min(...within)).padStart(8)} |`;
    }),
  ].join("\n");
}

const HEAD = `# Memory

Written by \`npm run bench:memory -- --write\`, the second part with \`--minutes 10\` as well. MB are millions of bytes.`;
const PARTS = { programs: "Programs", mixed: "Mixed work for minutes" } as const;

export function writePart(part: keyof typeof PARTS, text: string): void {
  const old = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
  const kept = (title: string): string => old.split(`\n## ${title}\n`)[1]?.split("\n## ")[0]?.trim() ?? "Not measured yet.";
  const parts = Object.entries(PARTS).map(([name, title]) => `## ${title}\n${name === part ? text : kept(title)}`);
  writeFileSync(PAGE, `${[HEAD, ...parts].join("\n\n")}\n`);
}
