// docs/programs.md: one row for each case, as it was last checked.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Result } from "./check.ts";
import { programs } from "./program-table.ts";

const PAGE = join(import.meta.dirname, "../../docs/programs.md");
const HEAD = `# Real programs

Written by \`npm run check:programs -- --write\`. Each program runs natively in a chroot of the Debian image, is recorded twice in Chronix, and the first recording is replayed. \`same\` says that standard
output, standard error and status are those of the native run, that the replay was identical, and that both recordings have one digest. Times are wall time with start-up, on two cores that were
busy with other work as well: compare columns, not pages.

| name | program | result | million instructions | events | native s | record s | replay s |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
`;
const seconds = (millis: number | undefined): string => (millis === undefined ? "" : (millis / 1000).toFixed(millis < 9950 ? 1 : 0));

function rowOf({ name, what, differences, isOnce, native, record, replay }: Result): string {
  const cells = [
    name,
    what,
    differences.length === 0 ? (isOnce ? "same, recorded once" : "same") : differences.map(({ what: kind }) => kind).join(", "),
    record ? Math.round(record.instructions / 1e6) : "",
    record?.events ?? "",
    seconds(native?.millis),
    seconds(record?.millis),
    seconds(replay?.millis),
  ];
  return `| ${cells.join(" | ")} |`;
}

/** Rows of cases that were not run now stay; those that never ran say so. */
export function writePage(results: readonly Result[]): void {
  const old = existsSync(PAGE) ? readFileSync(PAGE, "utf8") : "";
  const rows = new Map([...old.matchAll(/^\| ([\w-]+) \|.*$/gm)].map(([row, name]) => [name, row]));
  for (const result of results) rows.set(result.name, rowOf(result));
  writeFileSync(PAGE, `${HEAD}${programs.map(({ name, what }) => rows.get(name) ?? `| ${name} | ${what} | not checked yet |  |  |  |  |  |`).join("\n")}\n`);
}
