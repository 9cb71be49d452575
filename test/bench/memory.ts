// How much of the host's memory Chronix takes: npm run bench:memory -- [--only NAME,NAME] [--quick] [--json] [--write], or with --minutes N whether it grows while mixed work is recorded for so long.
// Exit status 1 where more is taken than the bound, or where it grew.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { debianOrNull } from "../debian/image.ts";
import { builtProgram } from "./built-program.ts";
import { busyboxCases, writeBusybox, writeInput } from "./busybox-cases.ts";
import { beyond, growthBytes, type Host, MOST_BEYOND_BYTES, mixedText, programsText, type Row, writePart } from "./memory-page.ts";
import { recordMixedWork } from "./mixed-work.ts";
import { builtPeak, peakOf } from "./peak.ts";
import { programs } from "./program-table.ts";
import { CHRONIX } from "./runners.ts";

interface Case {
  readonly name: string;
  readonly native: readonly string[];
  /** What follows `chronix run` and `chronix record`. */
  readonly guest: readonly string[];
}

function casesIn(folder: string, isQuick: boolean): readonly Case[] {
  const benchmarks = programs.map(program => {
    const words = [builtProgram(program), String(isQuick ? program.quickWork : program.work)];
    return { name: program.name, native: words, guest: words };
  });
  const busybox = join(folder, "busybox");
  if (!writeBusybox(busybox)) throw new Error('There is no image of BusyBox: "chronix image pull busybox" fetches it.');
  const input = join(folder, "input");
  mkdirSync(input);
  writeInput(input);
  const mounted = ["--mount", `${input}:/input:ro`, "--cwd", "/input", "busybox"];
  return [...benchmarks, ...busyboxCases.map(([name, words]) => ({ name, native: [busybox, ...words], guest: [...mounted, ...words] }))];
}
function measured({ name, native, guest }: Case, peak: string, folder: string): Row {
  const log = join(folder, "memory.chronix");
  const commands = [native, [...CHRONIX, "run", ...guest], [...CHRONIX, "record", "-o", log, ...guest]];
  const [natively, run, record] = commands.map(command => peakOf(peak, command, join(folder, "input")));
  const statuses = [natively, run, record].map(one => one!.status);
  if (new Set(statuses).size > 1) throw new Error(`${name} ended with statuses ${statuses.join(", ")}: natively, run, recorded.`);
  const row = { name, native: natively!.bytes, run: run!.bytes, record: record!.bytes };
  process.stderr.write(`${name}: ${Math.round(beyond(row) / 1e6)} MB beyond\n`);
  return row;
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    minutes: { type: "string" },
    json: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const host: Host = { processor: cpus()[0]?.model.trim() ?? "an unknown processor", node: process.versions.node };

/** Whether all stay within the bound. */
function comparePrograms(folder: string): boolean {
  const all = casesIn(folder, values.quick);
  const names = values.only?.split(",") ?? all.map(({ name }) => name);
  const unknown = names.find(name => !all.some(one => one.name === name));
  if (unknown !== undefined) throw new Error(`There is no program ${unknown}; there are ${all.map(({ name }) => name).join(", ")}.`);
  const peak = builtPeak(folder);
  const rows = all.filter(({ name }) => names.includes(name)).map(one => measured(one, peak, folder));
  tell("programs", programsText(rows, host), rows);
  return rows.every(row => beyond(row) <= MOST_BEYOND_BYTES);
}
/** Whether it did not grow, as far as that can be told. */
async function watchMixedWork(folder: string, minutes: number): Promise<boolean> {
  if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes}: give a number above 0.`);
  if (!(await debianOrNull())) return false;
  const work = await recordMixedWork(minutes, join(folder, "mixed.chronix"));
  tell("mixed", mixedText(work, host), work);
  return (growthBytes(work) ?? 0) <= 0;
}
function tell(part: "programs" | "mixed", text: string, figures: unknown): void {
  process.stdout.write(values.json ? `${JSON.stringify(figures, null, 2)}\n` : `${text}\n`);
  if (values.write) writePart(part, text);
}

const folder = mkdtempSync(join(tmpdir(), "chronix-memory-"));
// A recording's copies of what was mounted go there as well.
process.env.XDG_DATA_HOME = join(folder, "data");
try {
  const isGood = values.minutes === undefined ? comparePrograms(folder) : await watchMixedWork(folder, Number(values.minutes));
  process.exitCode = isGood ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
