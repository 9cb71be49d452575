// The process tree, with descriptors, signals and memory of the selected process.
import { descriptorRows } from "../../inspection/descriptors.ts";
import { mapRows } from "../../inspection/memory-maps.ts";
import { processRows, signalWords } from "../../inspection/processes.ts";
import { signalReport } from "../../inspection/signals.ts";
import { type Line, line } from "../line.ts";
import type { Workbench } from "../workbench.ts";
import type { Pane } from "./pane.ts";

const heading = (text: string): Line => [{ text, isBold: true, color: "blue" }];

function treeLines(bench: Workbench): readonly Line[] {
  const selected = bench.selectedTask;
  return processRows(bench.guest.state).map(({ pid, tasks, state, call, depth, command }): Line => {
    const isSelected = selected !== undefined && (pid === selected || tasks.includes(selected));
    return [
      { text: isSelected ? "▶" : " ", color: "cyan" },
      { text: `${String(pid).padStart(5)} ${state} `, ...(state === "Z" ? { isDim: true } : {}) },
      { text: `${"  ".repeat(depth)}${command}`, isBold: isSelected },
      { text: call ? `  ${call}…` : "", isDim: true },
    ];
  });
}
function selectedLines(bench: Workbench): readonly Line[] {
  const tid = bench.selectedTask;
  if (tid === undefined) return [];
  const { state } = bench.guest;
  const { pending, blocked, ignored, handled } = signalReport(state, tid);
  return [
    heading(`descriptors of ${tid}`),
    ...descriptorRows(state, tid).map(({ fd, access, name, offset, isCloseOnExec }) =>
      line(`${String(fd).padStart(4)} ${access.padEnd(3)} ${name}${offset > 0 ? ` @${offset}` : ""}${isCloseOnExec ? " cloexec" : ""}`),
    ),
    heading("signals"),
    line(`     pending ${signalWords(pending)}; blocked ${signalWords(blocked)}`),
    line(`     handled ${signalWords(handled)}; ignored ${signalWords(ignored)}`),
    heading("memory"),
    ...mapRows(state, tid).map(({ range, rights, name, bytes }) => line(`     ${range.padEnd(25)} ${rights} ${`${bytes / 1024}K`.padStart(8)} ${name}`)),
  ];
}
export const processPane: Pane = {
  key: "F4",
  show(bench, { height }) {
    const lines = [...treeLines(bench), ...selectedLines(bench)];
    const top = Math.max(0, Math.min(bench.scroll.processes, lines.length - height));
    return { title: "processes", lines: lines.slice(top, top + height) };
  },
};
