// A folder of logs as a tree of timelines. The only part of this folder that looks for files.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { LogDamage } from "../events/log/damage.ts";
import { FileSource } from "../events/log/file-source.ts";
import { LogReader } from "../events/log/reader.ts";
import { TimelineTree } from "./timeline.ts";

export const LOG_SUFFIX = ".chronix";
export interface LogFolder {
  readonly tree: TimelineTree;
  /** Logs that cannot be opened, and why. */
  readonly refused: readonly { readonly name: string; readonly reason: string }[];
}
/** To be closed with `closeLogFolder`. */
export function openLogFolder(folder: string): LogFolder {
  const logs: [string, LogReader][] = [];
  const refused: { name: string; reason: string }[] = [];
  for (const file of readdirSync(folder).toSorted()) {
    if (!file.endsWith(LOG_SUFFIX)) continue;
    const name = file.slice(0, -LOG_SUFFIX.length);
    try {
      logs.push([name, openLog(join(folder, file))]);
    } catch (error) {
      if (!(error instanceof LogDamage)) throw error;
      refused.push({ name, reason: error.message });
    }
  }
  return { tree: new TimelineTree(logs), refused };
}
export function closeLogFolder({ tree }: LogFolder): void {
  for (const { log } of tree.timelines.values()) log.close();
}
export function openLog(path: string): LogReader {
  const source = new FileSource(path);
  try {
    return new LogReader(source);
  } catch (error) {
    source.close();
    throw error;
  }
}
