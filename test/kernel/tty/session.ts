// A pseudo-terminal driven by a script of one command a line, and its answers: the same script runs on real Linux (test/kernel/tty/oracle.c).
//   N: a new one · T i o l c0…c18: settings · F hex: the master types · R n: read · W hex: write · M: the master reads · Q: FIONREAD
import { errnoNumber } from "../../../engine/abi/errno.ts";
import { masterRead, masterWrite } from "../../../engine/kernel/objects/pseudo-terminals.ts";
import { readWhenReady } from "../../../engine/kernel/objects/terminal-reading.ts";
import { changeTermios, createTerminal, outputRoom, readable, terminalOf, terminalWrite } from "../../../engine/kernel/objects/terminals.ts";
import { type QuietKernel, quietKernel } from "./quiet-kernel.ts";

const bytesOfHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], pair => Number.parseInt(pair, 16));
const hexOf = (bytes: Readonly<Uint8Array>): string => [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
const AGAIN = `-${errnoNumber("EAGAIN")}`;
const ID = 0;

type Act = (kernel: QuietKernel, words: readonly string[]) => string;
const acts: Readonly<Record<string, Act>> = {
  N(kernel) {
    kernel.tty.terminals.clear();
    createTerminal(kernel, ID, { columns: 0, rows: 0 }, { output: new Uint8Array(0), isOpen: true, isLocked: false, isPacket: false, packetStatus: 0 });
    terminalOf(kernel, ID).opens = 1;
    return "new";
  },
  T(kernel, words) {
    const terminal = terminalOf(kernel, ID);
    const [input, output, local, ...characters] = words.map(Number);
    changeTermios(kernel, terminal, { ...terminal.termios, input: input!, output: output!, local: local!, characters });
    return "set 0";
  },
  F(kernel, [hex = ""]) {
    return `fed ${masterWrite(kernel, terminalOf(kernel, ID), bytesOfHex(hex))}`;
  },
  R(kernel, [count]) {
    const result = readWhenReady(kernel, terminalOf(kernel, ID), { count: Number(count), isNonBlocking: true, due: "run", memo: null });
    return result.kind === "done" ? `=${hexOf(result.value)}` : AGAIN;
  },
  W(kernel, [hex = ""]) {
    const terminal = terminalOf(kernel, ID);
    return outputRoom(terminal) > 0 ? `wrote ${terminalWrite(kernel, terminal, bytesOfHex(hex))}` : `wrote ${AGAIN}`;
  },
  M(kernel) {
    const bytes = masterRead(kernel, terminalOf(kernel, ID), 65_536);
    return bytes ? `=${hexOf(bytes)}` : AGAIN;
  },
  Q: kernel => `q ${readable(terminalOf(kernel, ID))}`,
};
export function runSession(script: readonly string[]): readonly string[] {
  const kernel = quietKernel();
  return script.map(line => {
    const [name = "", ...words] = line.split(" ");
    return acts[name]!(kernel, words);
  });
}
