// The ways to run a program that are compared, those of them that this host has.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../guest-images/cache-folder.ts";
import type { Program } from "./program-table.ts";

export type RunnerName = "native" | "qemu" | "strace" | "run" | "record";
export interface Runner {
  readonly name: RunnerName;
  readonly fits: (program: Program) => boolean;
  readonly command: (path: string, words: readonly string[]) => readonly string[];
}

/** A run may leave a process that compiles for later ones (repl/gather-regions.ts): what is measured next is to have the machine to itself. One that was ended leaves its file for good. */
const LONGEST_GATHERING_MILLIS = 60_000;
export function untilGathered(): void {
  const folder = join(cacheFolder(), "code/gatherings");
  const end = performance.now() + LONGEST_GATHERING_MILLIS;
  while (existsSync(folder) && readdirSync(folder).length > 0 && performance.now() < end) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
}

export const CHRONIX = [process.execPath, join(import.meta.dirname, "../../dist/cli.js")];

export function runnersHere(log: string): readonly Runner[] {
  const everything = () => true;
  const qemu: Runner = { name: "qemu", fits: everything, command: (path, words) => ["qemu-x86_64-static", path, ...words] };
  const strace: Runner = {
    name: "strace",
    fits: ({ isCallHeavy }) => isCallHeavy,
    command: (path, words) => ["strace", "-f", "-o", "/dev/null", path, ...words],
  };
  return [
    { name: "native", fits: everything, command: (path, words) => [path, ...words] },
    ...(has("qemu-x86_64-static") ? [qemu] : []),
    ...(has("strace") ? [strace] : []),
    { name: "run", fits: everything, command: (path, words) => [...CHRONIX, "run", path, ...words] },
    { name: "record", fits: everything, command: (path, words) => [...CHRONIX, "record", "-o", log, path, ...words] },
  ];
}

function has(program: string): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
