// BusyBox command lines and scripts, with what the same binary gave for them natively. Cases are text, so that a script stands there as a person types it:
// cases/TOPIC.txt holds cases begun by "=== NAME", each a script, optionally with "--- stdin" and "--- file NAME" sections after it.
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

export interface Case {
  /** `topic/name`. */
  readonly name: string;
  /** Run as `/bin/sh -c SCRIPT` in CASE_FOLDER, with the image's environment and a umask of 022. */
  readonly script: string;
  readonly stdin: string;
  /** By name within CASE_FOLDER, which is otherwise empty; owned by root, mode 644, mtime CASE_SECONDS. */
  readonly files: Readonly<Record<string, string>>;
}
/** Output as binary strings: one character is one byte. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  /** 128 + N where signal N ended the shell. */
  readonly status: number;
}

export const CASE_FOLDER = "/case";
export const CASE_SECONDS = 1_700_000_000;

const HERE = import.meta.dirname;
export const topics: readonly string[] = globSync("cases/*.txt", { cwd: HERE })
  .map(file => basename(file, ".txt"))
  .toSorted();
export const cases: readonly Case[] = topics.flatMap(casesOf);

const expectations = new Map<string, Outcome>(topics.flatMap(topic => Object.entries(readExpectations(topic))));

export function expected(wanted: Case): Outcome {
  const found = expectations.get(wanted.name);
  if (!found) throw new Error(`There is no expectation for ${wanted.name}: as root, run "UPDATE=1 node test/busybox/native.ts".`);
  return found;
}

export function writeExpectations(outcomes: ReadonlyMap<string, Outcome>): void {
  for (const topic of topics) {
    const mine = [...outcomes].filter(([name]) => name.startsWith(`${topic}/`));
    writeFileSync(fileOf(topic), `${JSON.stringify(Object.fromEntries(mine), null, 2)}\n`);
  }
}

function readExpectations(topic: string): Record<string, Outcome> {
  return existsSync(fileOf(topic)) ? JSON.parse(readFileSync(fileOf(topic), "utf8")) : {};
}

function fileOf(topic: string): string {
  return join(HERE, "expected", `${topic}.json`);
}

function casesOf(topic: string): readonly Case[] {
  const text = readFileSync(join(HERE, "cases", `${topic}.txt`), "utf8");
  return text
    .split(/^=== /m)
    .slice(1)
    .map(part => parseCase(topic, part));
}

function parseCase(topic: string, part: string): Case {
  const [name = "", body = ""] = split(part, "\n");
  const [script = "", ...sections] = body
    .trimEnd()
    .concat("\n")
    .split(/^--- (?=stdin$|file )/m);
  const content = new Map(sections.map(section => split(section, "\n")));
  const files = [...content].flatMap(([head, text]) => (head.startsWith("file ") ? [[head.slice(5), text] as const] : []));
  return { name: `${topic}/${name.trim()}`, script, stdin: content.get("stdin") ?? "", files: Object.fromEntries(files) };
}

function split(text: string, at: string): [string, string] {
  const index = text.indexOf(at);
  return [text.slice(0, index), text.slice(index + 1)];
}
