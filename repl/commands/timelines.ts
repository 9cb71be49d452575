// chronix log, branch, tag, goto and diff: the tree of timelines, with git's words.
import { existsSync } from "node:fs";
import { parsePosition } from "../../events/position.ts";
import { firstDifferentEvent } from "../../snapshots/difference.ts";
import { openLogFolder } from "../../snapshots/log-folder.ts";
import { type Refs, type Revision, readRefs, resolveRevision, writeRefs } from "../../snapshots/refs.ts";
import type { Timeline, TimelineTree } from "../../snapshots/timeline.ts";
import { Failure, UsageFailure } from "../failure.ts";
import { differenceText } from "../model/difference-text.ts";
import { eventText } from "../model/event-text.ts";
import { note } from "../note.ts";
import { Recordings } from "../recordings.ts";
import { stateDifferenceText } from "../state-difference.ts";
import { timelineTree } from "../timeline-text.ts";
import type { CommandRow } from "./command-row.ts";

interface Store {
  readonly recordings: Recordings;
  readonly tree: TimelineTree;
  readonly refs: Refs;
}
/** All recordings; HEAD is the end of the latest where nothing was chosen. */
function openStore(): Store {
  const recordings = new Recordings();
  if (!existsSync(recordings.folder)) recordings.find();
  const { tree, refused } = openLogFolder(recordings.folder);
  for (const { name, reason } of refused) note(`${name}: ${reason}`);
  const refs = readRefs(recordings.folder);
  const latest = recordings.list().find(({ name }) => tree.timelines.has(name));
  const hasHead = refs.head && tree.timelines.has(refs.head.timeline);
  if (hasHead || !latest) return { recordings, tree, refs };
  return { recordings, tree, refs: { ...refs, head: { timeline: latest.name, position: { seq: tree.timelines.get(latest.name)!.log.length, tick: 0 } } } };
}
function revision({ tree, refs }: Store, text: string): Revision & { readonly place: Timeline } {
  const plain = parsePosition(text);
  const found = resolveRevision(plain ? `@{${text}}` : text, refs, name => tree.timelines.get(name)?.log.length);
  if (typeof found === "string") throw new UsageFailure(found);
  const place = tree.timelines.get(found.timeline);
  if (!place) throw new Failure(`The recording ${found.timeline} that ${text} names is gone.`);
  return { ...found, place };
}
function save({ recordings, refs, tree }: Store, change: Partial<Refs>): void {
  if (tree.timelines.size === 0) throw new Failure("Nothing is recorded yet.");
  writeRefs(recordings.folder, { ...refs, ...change });
}
const positionOf = (store: Store, { place, seq }: { place: Timeline; seq: number }) => ({ seq, tick: store.tree.history(place).event(seq - 1)?.tick ?? 0 });

export const log: CommandRow = {
  name: "log",
  declare(command) {
    command
      .summary("the tree of timelines")
      .option("--graph", "drawn as a tree, as without it")
      .option("--json", "one row for each timeline, as JSON")
      .action(({ json }: { readonly json?: boolean }) => {
        const { tree, refs } = openStore();
        if (json) {
          const rows = [...tree.timelines.values()].map(({ name, log: { length }, parent, fork, changes }) => ({
            name,
            events: length,
            parent: parent?.name ?? null,
            forkedAt: fork?.seq ?? null,
            changes,
          }));
          process.stdout.write(`${JSON.stringify(rows)}\n`);
          return;
        }
        const marks = ({ name }: Timeline): string => {
          const words = [
            ...(refs.head?.timeline === name ? [`HEAD@{${refs.head.position.seq}}`] : []),
            ...Object.entries(refs.branches).flatMap(([branch, timeline]) => (timeline === name ? [branch] : [])),
            ...Object.entries(refs.tags).flatMap(([tag, place]) => (place.timeline === name ? [`${tag}@{${place.position.seq}}`] : [])),
          ];
          return words.length > 0 ? `  (${words.join(", ")})` : "";
        };
        process.stdout.write(`${timelineTree(tree.roots, marks)}\n`);
      });
  },
};
export const branch: CommandRow = {
  name: "branch",
  declare(command) {
    command
      .summary("list branches, or name a timeline")
      .argument("[name]")
      .argument("[log]", "the timeline (default: HEAD's)")
      .action((name: string | undefined, timeline: string | undefined) => {
        const store = openStore();
        if (name !== undefined) save(store, { branches: { ...store.refs.branches, [name]: revision(store, timeline ?? "HEAD").timeline } });
        else
          for (const [one, of] of Object.entries(store.refs.branches)) process.stdout.write(`${store.refs.head?.timeline === of ? "*" : " "} ${one}  ${of}\n`);
      });
  },
};
export const tag: CommandRow = {
  name: "tag",
  declare(command) {
    command
      .summary("list tags, or name a position")
      .argument("[name]")
      .argument("[revision]", "HEAD~3, LOG@{812} (default: HEAD)")
      .action((name: string | undefined, text: string | undefined) => {
        const store = openStore();
        if (name === undefined) {
          for (const [one, { timeline, position }] of Object.entries(store.refs.tags)) process.stdout.write(`${one}  ${timeline}@{${position.seq}}\n`);
          return;
        }
        const found = revision(store, text ?? "HEAD");
        save(store, { tags: { ...store.refs.tags, [name]: { timeline: found.timeline, position: positionOf(store, found) } } });
      });
  },
};
export const goto: CommandRow = {
  name: "goto",
  declare(command) {
    command
      .summary("move HEAD to a position, and tell what is there")
      .argument("<revision>", "812, HEAD~3, LOG@{812}, a tag or branch")
      .action((text: string) => {
        const store = openStore();
        const found = revision(store, text);
        const history = store.tree.history(found.place);
        if (found.seq > history.length) throw new UsageFailure(`${found.timeline} has ${history.length} events.`);
        save(store, { head: { timeline: found.timeline, position: positionOf(store, found) } });
        const next = history.event(found.seq);
        process.stdout.write(`${found.timeline}@{${found.seq}} of ${history.length}${next ? `, before ${eventText(next)}` : ", the end"}\n`);
      });
  },
};
export const diff: CommandRow = {
  name: "diff",
  declare(command) {
    command
      .summary("the first event in which two timelines differ, and what differs in state after it")
      .argument("<A..B>", "two timelines")
      .option("--json", "the event's number and both sides, as JSON")
      .action((text: string, { json }: { readonly json?: boolean }) => {
        const [a, b] = text.split("..");
        if (!a || !b) throw new UsageFailure("Write two timelines with two dots between: chronix diff A..B.");
        const store = openStore();
        const [left, right] = [revision(store, a), revision(store, b)];
        const [one, other] = [store.tree.history(left.place), store.tree.history(right.place)];
        const meeting = store.tree.meeting(left.place, right.place);
        const difference = firstDifferentEvent(one, other, Math.max(0, Math.min(meeting?.seq ?? 0, one.length, other.length)));
        process.exitCode = difference ? 1 : 0;
        if (json) {
          const row = difference && {
            seq: difference.seq,
            path: difference.path,
            [left.timeline]: difference.expected && eventText(difference.expected),
            [right.timeline]: difference.actual && eventText(difference.actual),
          };
          process.stdout.write(`${JSON.stringify(row ?? null)}\n`);
          return;
        }
        process.stdout.write(`${differenceText(left.timeline, right.timeline, difference)}\n`);
        if (!difference) return;
        const { recordings } = store;
        const sessions = [left, right].map(({ timeline }) => recordings.open(recordings.find(timeline)));
        process.stdout.write(stateDifferenceText(sessions[0]!, sessions[1]!, difference.seq));
      });
  },
};
