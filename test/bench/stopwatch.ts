// Runs one command and measures it: wall time, and processor time of it and of all that it waited for. Not a statistic: see report.ts.
import { spawnSync } from "node:child_process";
import { untilGathered } from "./runners.ts";

export interface Timing {
  readonly wallMillis: number;
  readonly cpuMillis: number;
}
export type Run =
  | ({ readonly kind: "ran"; readonly line: string } & Timing)
  /** Why there is no figure. */
  | { readonly kind: "none"; readonly reason: string };

const TIMEOUT_MILLIS = 300_000;
// Bash knows the processor time of a command and its waited-for children, which Node does not tell of a child. The command's own errors go to our standard error's pipe.
const TIMED = `TIMEFORMAT='%U %S'; exec 3>&2; from=$EPOCHREALTIME; used=$({ time "$@" >&4 2>&3; } 2>&1); status=$?; echo "@@ $from $EPOCHREALTIME $used" >&3; exit $status`;

/** Nothing that an earlier run has left is at work meanwhile. */
export function measure(command: readonly string[]): Run {
  untilGathered();
  const { stdout, stderr, status, error } = spawnSync("bash", ["-c", `exec 4>&1; ${TIMED}`, "bash", ...command], {
    encoding: "utf8",
    timeout: TIMEOUT_MILLIS,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C" },
  });
  if (error) return { kind: "none", reason: (error as NodeJS.ErrnoException).code === "ETIMEDOUT" ? "too slow" : error.message };
  const [from, to, user, system] = (/@@ (.*)\n$/.exec(stderr)?.[1] ?? "").split(" ").map(Number);
  if (status !== 0 || from === undefined || to === undefined || user === undefined || system === undefined)
    return { kind: "none", reason: reasonIn(stderr, status) };
  return { kind: "ran", line: stdout.trim(), wallMillis: (to - from) * 1000, cpuMillis: (user + system) * 1000 };
}

function reasonIn(stderr: string, status: number | null): string {
  const lines = stderr.split("\n").filter(line => line !== "" && !line.startsWith("@@"));
  const said = lines.findLast(line => /error|chronix:/i.test(line)) ?? lines.at(-1);
  return `status ${status}${said === undefined ? "" : `: ${said}`}`;
}
