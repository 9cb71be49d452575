// The ways to run a program that are compared, those of them that this host has.
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { Program } from "./program-table.ts";

export type RunnerName = "native" | "qemu" | "strace" | "run" | "record";
export interface Runner {
  readonly name: RunnerName;
  readonly fits: (program: Program) => boolean;
  readonly command: (path: string, words: readonly string[]) => readonly string[];
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
