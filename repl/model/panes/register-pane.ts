// The registers of the selected task, and the code before which it stands.
import { get, type RegisterName } from "../../../engine/cpu/register-file.ts";
import { flagWords, REGISTERS } from "../../inspection/registers.ts";
import { instructionText, listing } from "../disassembly.ts";
import { type Line, line, type Span } from "../line.ts";
import type { Pane } from "./pane.ts";

const CELL_WIDTH = 26;
const CODE_BYTES = 256;

function cell(file: Uint8Array, name: RegisterName, before: Uint8Array | undefined): readonly Span[] {
  const value = get(file, name);
  const isChanged = before !== undefined && get(before, name) !== value;
  return [
    { text: name.slice(0, 6).padEnd(7), isDim: true },
    { text: value.toString(16).padStart(16, "0"), ...(isChanged ? { color: "yellow" } : {}) },
    { text: "   " },
  ];
}
export const registerPane: Pane = {
  key: "F5",
  show(bench, { width, height }) {
    const tid = bench.selectedTask;
    const file = tid === undefined ? undefined : bench.guest.registers(tid);
    if (tid === undefined || !file) return { title: "registers", lines: [line("No task is selected.")] };
    const perLine = Math.max(1, Math.floor((width + 3) / CELL_WIDTH));
    const rows: Line[] = [];
    for (let at = 0; at < REGISTERS.length; at += perLine)
      rows.push(REGISTERS.slice(at, at + perLine).flatMap(name => cell(file, name, bench.registersBefore)));
    rows.push([{ text: "flags  ", isDim: true }, { text: flagWords(get(file, "rflags")) }]);
    const rip = Number(get(file, "rip"));
    const code = bench.guest.read(tid, rip, CODE_BYTES) ?? bench.guest.read(tid, rip, 16) ?? new Uint8Array(0);
    const instructions = listing(code, rip, Math.max(0, height - rows.length));
    const shown = instructions.map((one, i): Line => [{ text: i === 0 ? "=> " : "   ", color: "cyan" }, { text: instructionText(one) }]);
    return { title: `registers of ${tid}`, lines: [...rows, ...shown].slice(0, height) };
  },
};
