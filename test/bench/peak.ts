// Runs one command and tells the most memory that it had resident, as Linux counted it.
import { execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";

const TIMEOUT_MILLIS = 300_000;

/** What runs commands for `peakOf`; built into this folder. */
export function builtPeak(folder: string): string {
  const path = join(folder, "peak");
  execFileSync("gcc", ["-O2", "-static", "-o", path, join(import.meta.dirname, "peak.c")], { stdio: "inherit" });
  return path;
}
export interface Peak {
  /** Of the process, or of the largest that it waited for. */
  readonly bytes: number;
  readonly status: number;
}
export function peakOf(peak: string, command: readonly string[], cwd: string): Peak {
  const { output, status, error } = spawnSync(peak, command, {
    cwd,
    encoding: "latin1",
    timeout: TIMEOUT_MILLIS,
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const kib = Number(output?.[3]);
  if (error || status === null || !(kib > 0)) throw new Error(`"${command.join(" ")}" failed: ${error?.message ?? `status ${status}: ${output?.[2]}`}`);
  return { bytes: kib * 1024, status };
}
