// One program built in one way, on the real processor and in ours.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuid } from "../../../engine/cpu/cpuid.ts";
import { disassemble } from "../../../engine/cpu/disassembly.ts";
import { ElfRunner } from "../elf-runner.ts";
import { program } from "./program.ts";

export const optimisations = [["-O0"], ["-O2"], ["-O3", "-ftree-vectorize"]] as const;
export const levels = ["x86-64", "x86-64-v2", "x86-64-v3"] as const;
export type Level = (typeof levels)[number];
const [SSE42, AVX2_LEAF, AVX2] = [20, 7, 5] as const;
/** Those that CPUID promises (x86-64 psABI, 3.1.1: one feature of each level stands for it). */
export const servedLevels = (): readonly Level[] => {
  const hasV2 = ((cpuid(1).ecx >>> SSE42) & 1) === 1;
  const hasV3 = hasV2 && ((cpuid(AVX2_LEAF).ebx >>> AVX2) & 1) === 1;
  return levels.slice(0, hasV3 ? 3 : hasV2 ? 2 : 1);
};

export interface Trial {
  readonly seed: number;
  readonly optimisation: readonly string[];
  readonly level: Level;
}
export interface Verdict {
  readonly isSame: boolean;
  /** What differs first, or how it ended. */
  readonly text: string;
  readonly ticks: number;
}
const folder = mkdtempSync(join(tmpdir(), "chronix-torture-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

export function tryProgram({ seed, optimisation, level }: Trial): Verdict {
  const [source, path] = [join(folder, "program.c"), join(folder, "program")];
  writeFileSync(source, program(seed).source);
  execFileSync("gcc", ["-w", "-static", "-fwrapv", "-fno-strict-aliasing", ...optimisation, `-march=${level}`, source, "-o", path, "-lm"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const native = spawnSync(path, { encoding: "latin1", timeout: 20_000 });
  const { output, status, stop, ticks } = new ElfRunner(readFileSync(path)).run();
  if (output === native.stdout && status === native.status) return { isSame: true, text: "", ticks };
  if (stop.kind === "missing") return { isSame: false, text: `not served: ${disassemble(stop.bytes, stop.address).text}`, ticks };
  const [ours, theirs] = [output.split("\n"), native.stdout.split("\n")];
  const at = theirs.findIndex((line, i) => line !== ours[i]);
  return {
    isSame: false,
    text: `${ours[at] ?? "nothing"}, on the processor ${theirs[at] ?? "nothing"}; ended ${status ?? stop.kind}, there ${native.status ?? native.signal}`,
    ticks,
  };
}
