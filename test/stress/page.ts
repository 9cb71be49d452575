// docs/stress-ng.md as text, from what the stressors came to.
import type { Outcome } from "./outcome.ts";
import type { Row } from "./stress.ts";
import { ALL, DIFFERENCES, LEFT_OUT } from "./stressors.ts";

const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\s+/g, " ");
const said = (outcome: Outcome | undefined): string =>
  outcome ? `${outcome.verdict}${outcome.reasons[0] === undefined ? "" : `: ${cell(outcome.reasons[0]).slice(0, 200)}`}` : "not run";

export function stressPage(rows: readonly Row[]): string {
  const count = (side: "native" | "guest", verdict: string): number => rows.filter(row => row[side]?.verdict === verdict).length;
  const differing = rows.filter(({ native, guest }) => native?.verdict !== guest?.verdict);
  const reasons = new Map<string, string[]>();
  for (const [name, why] of Object.entries(LEFT_OUT)) reasons.set(why, [...(reasons.get(why) ?? []), name]);
  const missing = ALL.filter(name => LEFT_OUT[name] === undefined && !rows.some(row => row.name === name));
  const verdicts = ["passed", "skipped", "failed", "timed out", "engine failed"];
  return [
    "# stress-ng",
    "",
    "Made by `npm run check:stress -- --write`: stress-ng 0.15.06 of Debian 12 with `--verify`, one stressor after another, a few operations each, as an unprivileged user with the same limits: on Linux, and in Chronix.",
    "",
    "| | on Linux | in Chronix |",
    "| --- | --- | --- |",
    ...verdicts.map(verdict => `| ${verdict} | ${count("native", verdict)} | ${count("guest", verdict)} |`),
    "",
    `## Stressors that differ (${differing.length})`,
    "| stressor | on Linux | in Chronix | why |",
    "| --- | --- | --- | --- |",
    ...differing.map(({ name, native, guest }) => `| \`${name}\` | ${said(native)} | ${said(guest)} | ${cell(DIFFERENCES[name] ?? "not known yet")} |`),
    "",
    "## Not run",
    ...(missing.length > 0 ? [`- not yet, since the check was cut short (${missing.length}): ${missing.join(", ")}.`] : []),
    ...[...reasons].map(([why, names]) => `- ${why}: ${names.toSorted().join(", ")}.`),
    "",
  ].join("\n");
}
