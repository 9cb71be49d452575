// One case natively, recorded, and replayed: each run is what it said, and what it took.
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Image } from "../../guest-images/image.ts";
import { builtCli } from "../corpus/built-cli.ts";
import { CASE_FOLDER, type Outcome } from "../corpus/corpus.ts";
import { runInRoot } from "../corpus/native-process.ts";
import type { ProgramCase } from "./program-table.ts";

export interface Timed {
  readonly millis: number;
}
export interface Recorded extends Timed {
  readonly outcome: Outcome;
  /** What Chronix itself said, such as of a call that it does not serve. */
  readonly notes: readonly string[];
  readonly events: number;
  readonly instructions: number;
  readonly digest: string;
}
export interface Replayed extends Timed {
  /** `identical`, or what it said instead. */
  readonly verdict: string;
}

async function timed<T>(act: () => Promise<T>): Promise<T & Timed> {
  const since = performance.now();
  const result = await act();
  return { ...result, millis: performance.now() - since };
}

export async function natively(
  root: string,
  image: Image,
  { name, script }: ProgramCase,
  folder: string,
  timeoutMillis: number,
): Promise<{ readonly outcome: Outcome } & Timed> {
  const at = join(root, CASE_FOLDER);
  for (const path of [at, join(root, "tmp/*")]) rmSync(path, { recursive: true, force: true });
  cpSync(folder, at, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return await timed(async () => ({ outcome: await runInRoot(root, image, { name, script, timeoutMillis }) }));
}

async function chronix(words: readonly string[], home: string, timeoutMillis: number): Promise<Outcome> {
  const { isOverdue, ...outcome } = await builtCli(words, { timeoutMillis, environment: { XDG_DATA_HOME: home } });
  if (isOverdue) throw new Error(`"chronix ${words[0]}" did not end within ${Math.round(timeoutMillis / 1000)} s.`);
  return outcome;
}

/** Where logs and copies of mounts go, and a log's name there. */
export interface Log {
  readonly home: string;
  readonly name: string;
}
const pathOf = ({ home, name }: Log): string => join(home, `${name}.chronix`);

export async function recorded({ script }: ProgramCase, folder: string, to: Log, timeout: number): Promise<Recorded> {
  const [log, { home }] = [pathOf(to), to];
  const guest = ["--image", "debian", "--mount", `${folder}:${CASE_FOLDER}`, "--cwd", CASE_FOLDER, "/bin/sh", "-c", script];
  const { stderr, ...run } = await timed(() => chronix(["record", "-o", log, ...guest], home, timeout));
  const isNote = (line: string) => line.startsWith("chronix: ");
  const lines = stderr.split(/(?<=\n)/);
  const about = JSON.parse((await chronix(["traceinfo", log], home, timeout)).stdout) as Pick<Recorded, "events" | "instructions" | "digest">;
  const outcome = { stdout: run.stdout, stderr: lines.filter(line => !isNote(line)).join(""), status: run.status };
  const { events, instructions, digest } = about;
  return { outcome, millis: run.millis, notes: lines.filter(isNote).map(line => line.trim()), events, instructions, digest };
}

export async function replayed(log: Log, timeout: number): Promise<Replayed> {
  const { stdout, stderr, millis } = await timed(() => chronix(["replay", "--json", pathOf(log)], log.home, timeout));
  const last = stdout.trim().split("\n").at(-1) ?? "";
  const { result, seq } = (last.startsWith("{") ? JSON.parse(last) : {}) as { result?: string; seq?: number };
  return { millis, verdict: result === "identical" ? result : result === undefined ? `failed: ${stderr.trim().split("\n").at(-1)}` : `${result} at ${seq}` };
}
