// In what the kernel states of two timelines differ after the event in which they part.
import { withAllInodes } from "../engine/kernel/objects/image-inodes.ts";
import type { KernelState } from "../engine/kernel/state/kernel-state.ts";
import type { StoredContents } from "../engine/loader/image.ts";
import type { PositionText } from "../events/position.ts";
import { differences } from "../snapshots/difference.ts";

const MOST_SHOWN = 12;
interface Placed {
  readonly name: string;
  readonly length: number;
  readonly state: KernelState;
  readonly contents: StoredContents;
  goto(position: PositionText): void;
}
function shortened(value: unknown): string {
  const text =
    JSON.stringify(value, (_, one: unknown) =>
      typeof one === "bigint" ? one.toString() : one instanceof Map ? Object.fromEntries(one) : one instanceof Uint8Array ? `${one.length} bytes` : one,
    ) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
export function stateDifferenceText(left: Placed, right: Placed, seq: number): string {
  for (const one of [left, right]) one.goto({ seq: Math.min(seq + 1, one.length), plus: 0 });
  const { list, hasMore } = differences(withAllInodes(left.state, left.contents), withAllInodes(right.state, right.contents), MOST_SHOWN);
  if (list.length === 0) return "The kernel's state is the same after it.\n";
  return `After it the kernel's state differs in:\n${list.map(({ path, a, b }) => `  ${path}: ${shortened(a)} / ${shortened(b)}\n`).join("")}${hasMore ? "  and more\n" : ""}`;
}
