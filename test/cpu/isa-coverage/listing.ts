// What objdump makes of a program's executable sections, instruction by instruction.
import { spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

export interface Listed {
  readonly address: string;
  readonly bytes: Uint8Array;
  readonly mnemonic: string;
  readonly text: string;
  /** False in a table that stands among code: no function of the unwinding tables is there. */
  readonly isInFunction: boolean;
}
const prefixes = new Set("lock rep repz repnz repe repne bnd notrack data16 addr32 cs ds es ss fs gs rex rex.W xacquire xrelease {vex} {evex}".split(" "));
const isPrefix = (word: string): boolean => prefixes.has(word) || word.startsWith("rex.");

/** Where functions begin and end, in order (.eh_frame). Empty where the program has no such table. */
function functionsOf(path: string): readonly (readonly [from: number, to: number])[] {
  // Its status is not of use: it also tells of separate debugging files that are not there.
  const { stdout: text } = spawnSync("readelf", ["--debug-dump=frames-interp", path], { encoding: "utf8", maxBuffer: 2 ** 30 });
  const ranges = [...text.matchAll(/ FDE .*pc=([0-9a-f]+)\.\.([0-9a-f]+)/g)].map(
    ([, from = "", to = ""]) => [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const,
  );
  return ranges.toSorted((a, b) => a[0] - b[0]);
}
export async function eachInstruction(path: string, visit: (listed: Listed) => void): Promise<void> {
  const functions = functionsOf(path);
  let next = 0;
  const isInFunction = (address: number): boolean => {
    while (next < functions.length && functions[next]![1] <= address) next++;
    return functions.length === 0 || (next < functions.length && functions[next]![0] <= address);
  };
  const child = spawn("objdump", ["-d", "-M", "intel", "--insn-width=15", "-w", path], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, LC_ALL: "C" },
  });
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
    const first = line.indexOf("\t");
    const second = line.indexOf("\t", first + 1);
    if (first < 0 || second < 0) continue;
    const text = line.slice(second + 1);
    const words = text.split(" ");
    const address = line.slice(0, first).trim().replace(":", "");
    visit({
      address,
      isInFunction: isInFunction(Number.parseInt(address, 16)),
      bytes: Buffer.from(line.slice(first + 1, second).replaceAll(" ", ""), "hex"),
      mnemonic: words.find(word => word !== "" && !isPrefix(word)) ?? words[0] ?? "",
      text,
    });
  }
}
