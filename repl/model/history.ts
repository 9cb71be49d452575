// The commands typed before, kept in a file between sittings. Where it cannot be kept, the sitting goes on without.
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

const MOST_ENTRIES = 1000;
export const historyFile = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(environment.XDG_STATE_HOME || join(homedir(), ".local", "state"), "chronix", "history");

export class History {
  readonly #path: string | undefined;
  #entries: readonly string[] = [];

  /** Without a path: nothing is kept. */
  constructor(path?: string) {
    this.#path = path;
    if (path) this.#entries = this.#load(path);
  }
  get entries(): readonly string[] {
    return this.#entries;
  }
  get last(): string | undefined {
    return this.#entries.at(-1);
  }
  add(text: string): void {
    if (text === this.last) return;
    this.#entries = [...this.#entries, text].slice(-MOST_ENTRIES);
    if (this.#path) attempt(() => appendFileSync(this.#path!, `${text}\n`, { mode: 0o600 }));
  }
  #load(path: string): readonly string[] {
    attempt(() => mkdirSync(dirname(path), { recursive: true }));
    const lines = attempt(() => readFileSync(path, "utf8").split("\n").filter(Boolean)) ?? [];
    if (lines.length > 2 * MOST_ENTRIES) attempt(() => writeFileSync(path, `${lines.slice(-MOST_ENTRIES).join("\n")}\n`, { mode: 0o600 }));
    return lines.slice(-MOST_ENTRIES);
  }
}
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
