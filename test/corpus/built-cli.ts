// The built command line as a process of its own, for checks that take long: `node build.ts` makes it.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Outcome } from "./corpus.ts";

const CLI = join(import.meta.dirname, "../../dist/cli.js");

export interface CliRun {
  readonly timeoutMillis: number;
  /** Each `NAME: VALUE`, besides this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}
export interface CliOutcome extends Outcome {
  /** It was ended for its time; the outcome is what there was by then. */
  readonly isOverdue: boolean;
}

/** Status, and output as binary strings; a signal's end counts as shells count it. */
export async function builtCli(words: readonly string[], { timeoutMillis, environment = {} }: CliRun): Promise<CliOutcome> {
  const options = { encoding: "latin1", maxBuffer: 2 ** 28, timeout: timeoutMillis, killSignal: "SIGKILL", env: { ...process.env, ...environment } } as const;
  const running = promisify(execFile)(process.execPath, [CLI, ...words], options);
  running.child.stdin?.end();
  try {
    return { ...(await running), status: 0, isOverdue: false };
  } catch (error) {
    const { stdout = "", stderr = "", code, killed } = error as { stdout?: string; stderr?: string; code?: number | string; killed?: boolean };
    if (killed) return { stdout, stderr, status: 137, isOverdue: true };
    if (typeof code !== "number") throw error;
    return { stdout, stderr, status: code, isOverdue: false };
  }
}
