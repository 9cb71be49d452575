// The tree of recorded timelines as text: parents before children, each fork with where it leaves and what it does otherwise.
import type { Change } from "../events/log/header.ts";
import type { Timeline } from "../snapshots/timeline.ts";

const changeTexts: { readonly [K in Change["kind"]]: (change: Extract<Change, { kind: K }>) => string } = {
  inject: ({ seq, errno }) => `event ${seq} fails with ${errno}`,
  input: ({ seq, bytes }) => (bytes === null ? `input ${seq} ends` : `input ${seq} is ${JSON.stringify(Buffer.from(bytes).toString("latin1"))}`),
  environment: ({ name, value }) => (value === null ? `without ${name}` : `${name}=${value}`),
  argv: ({ argv }) => `argv ${argv.join(" ")}`,
  seed: ({ seed }) => `seed ${seed}`,
  chaos: ({ seed }) => (seed === null ? "fixed choices" : `chaos ${seed}`),
};
export const changeText = (change: Change): string => (changeTexts[change.kind] as (change: Change) => string)(change);

export function timelineTree(roots: readonly Timeline[], marks: (timeline: Timeline) => string = () => ""): string {
  const lines: string[] = [];
  const draw = (timeline: Timeline, indent: string, isLast: boolean, isRoot: boolean): void => {
    const { name, log, fork, changes, children } = timeline;
    const origin = fork ? ` from ${fork.seq}${changes.length > 0 ? ` (${changes.map(changeText).join(", ")})` : ""}` : "";
    lines.push(`${indent}${isRoot ? "* " : isLast ? "╰─ " : "├─ "}${name}${origin}: ${log.length} events${marks(timeline)}`);
    const below = isRoot ? `${indent}  ` : `${indent}${isLast ? "   " : "│  "}`;
    children.forEach((child, i) => {
      draw(child, below, i === children.length - 1, false);
    });
  };
  for (const root of roots) draw(root, "", true, true);
  return lines.join("\n");
}
