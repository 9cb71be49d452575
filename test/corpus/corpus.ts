// Command lines and scripts for an image, with what the same binaries gave for them natively. Cases are text, so that a script stands there as a person types it:
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

/** The cases of a folder, and what is expected of them. */
export class Corpus {
  readonly topics: readonly string[];
  readonly cases: readonly Case[];
  readonly #folder: string;
  readonly #expectations: ReadonlyMap<string, Outcome>;

  constructor(folder: string) {
    this.#folder = folder;
    this.topics = globSync("cases/*.txt", { cwd: folder })
      .map(file => basename(file, ".txt"))
      .toSorted();
    this.cases = this.topics.flatMap(topic => casesOf(folder, topic));
    this.#expectations = new Map(this.topics.flatMap(topic => Object.entries(this.#read(topic))));
  }
  /** `undefined` for a case that has never run natively. */
  expectation(name: string): Outcome | undefined {
    return this.#expectations.get(name);
  }
  expected({ name }: Case): Outcome {
    const found = this.#expectations.get(name);
    if (!found) throw new Error(`There is no expectation for ${name}: as root, run "UPDATE=1 node native.ts" in ${this.#folder}.`);
    return found;
  }
  write(outcomes: ReadonlyMap<string, Outcome>): void {
    for (const topic of this.topics) {
      const mine = [...outcomes].filter(([name]) => name.startsWith(`${topic}/`));
      writeFileSync(this.#fileOf(topic), `${JSON.stringify(Object.fromEntries(mine), null, 2)}\n`);
    }
  }
  #read(topic: string): Record<string, Outcome> {
    return existsSync(this.#fileOf(topic)) ? JSON.parse(readFileSync(this.#fileOf(topic), "utf8")) : {};
  }
  #fileOf(topic: string): string {
    return join(this.#folder, "expected", `${topic}.json`);
  }
}

function casesOf(folder: string, topic: string): readonly Case[] {
  const text = readFileSync(join(folder, "cases", `${topic}.txt`), "utf8");
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
