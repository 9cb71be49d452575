// The user's recordings: a folder of logs, the newest of which is meant where none is named. Opens a log as a session, its parents first.

import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { BootSource } from "../engine/machine-boot.ts";
import type { LogReader } from "../events/log/reader.ts";
import { changedParameters } from "../snapshots/changes.ts";
import { LOG_SUFFIX, openLog, openLogFolder } from "../snapshots/log-folder.ts";
import { readRefs, writeRefs } from "../snapshots/refs.ts";
import { Session, type SessionOptions } from "../snapshots/session.ts";
import { type Timeline, TimelineTree } from "../snapshots/timeline.ts";
import { Failure, UsageFailure } from "./failure.ts";
import { openImage } from "./images.ts";
import { keptRegions } from "./kept-regions.ts";
import type { Keeping } from "./model/timelines.ts";
import { prebuiltInterpreter } from "./prebuilt.ts";
import { RecordingFolder } from "./recording-folder.ts";

export interface Recording {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly modifiedMillis: number;
}

export class Recordings extends RecordingFolder {
  /** The newest first. */
  list(): readonly Recording[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder)
      .filter(file => file.endsWith(LOG_SUFFIX))
      .map(file => {
        const path = join(this.folder, file);
        const { size, mtimeMs } = statSync(path);
        return { name: file.slice(0, -LOG_SUFFIX.length), path, bytes: size, modifiedMillis: mtimeMs };
      })
      .toSorted((a, b) => b.modifiedMillis - a.modifiedMillis || (a.name < b.name ? 1 : -1));
  }
  /** A path, a name in the folder, or the latest. */
  find(text?: string): Recording {
    if (text === undefined) {
      const [latest] = this.list();
      if (!latest) throw new Failure(`Nothing is recorded yet in ${this.folder}; make a recording with: chronix record -- PROGRAM.`);
      return latest;
    }
    const path = [text, join(this.folder, text + LOG_SUFFIX), join(this.folder, text)].find(one => statSync(one, { throwIfNoEntry: false })?.isFile());
    if (!path) throw new UsageFailure(`There is no recording ${text}; chronix ls lists them.`);
    const { size, mtimeMs } = statSync(path);
    return { name: nameOf(path), path: resolve(path), bytes: size, modifiedMillis: mtimeMs };
  }
  /** Where forks of a recording go: beside it, under its name and theirs. */
  forkPaths(path: string): (name: string) => string {
    return name => join(dirname(path), this.#free(dirname(path), `${nameOf(path)}.${name}`));
  }
  /** What a sitting at the REPL leaves behind: forks beside the recording, and tags with the store's others. A log that lies elsewhere has no tags. */
  keeping(path: string): Keeping {
    const isStored = (log: string): boolean => dirname(resolve(log)) === resolve(this.folder);
    const tags = isStored(path) ? Object.entries(readRefs(this.folder).tags).filter(([, { timeline }]) => timeline === nameOf(path)) : [];
    return {
      pathOfFork: this.forkPaths(path),
      tags: new Map(tags.map(([name, { position }]) => [name, position])),
      keepTag: (name, fork, position) => {
        const log = fork ?? path;
        const refs = readRefs(this.folder);
        if (isStored(log)) writeRefs(this.folder, { ...refs, tags: { ...refs.tags, [name]: { timeline: nameOf(log), position } } });
      },
    };
  }
  #free(folder: string, stem: string): string {
    for (let n = 1; ; n++) {
      const file = `${stem}${n === 1 ? "" : `-${n}`}${LOG_SUFFIX}`;
      if (!existsSync(join(folder, file))) return file;
    }
  }
  remove({ path }: Recording): void {
    rmSync(path);
  }
  /** The tree that the log is in: by itself where it is no fork. */
  timeline(recording: Recording): { readonly tree: TimelineTree; readonly timeline: Timeline } {
    const log = openLog(recording.path);
    const others: [string, LogReader][] = [];
    if (log.header.origin) {
      for (const folder of new Set([dirname(recording.path), this.folder])) {
        if (!existsSync(folder)) continue;
        for (const [name, { log: other }] of openLogFolder(folder).tree.timelines) if (name !== recording.name) others.push([name, other]);
      }
    }
    const tree = new TimelineTree([[recording.name, log], ...others]);
    const timeline = tree.timelines.get(recording.name)!;
    if (log.header.origin && !timeline.parent)
      throw new Failure(
        `${recording.name} is a fork, and the recording it was forked from is in none of ${[dirname(recording.path), this.folder].join(", ")}.`,
      );
    return { tree, timeline };
  }
  /** Replayable: the same image, mounts and parameters as when it was recorded. Stands at the beginning. */
  open(recording: Recording, options: SessionOptions = {}): Session {
    return this.#session(this.timeline(recording).timeline, options);
  }
  #session(timeline: Timeline, options: SessionOptions): Session {
    const parent = timeline.parent && this.#session(timeline.parent, { ...options, name: timeline.parent.name });
    const source = parent ? { ...parent.source, parameters: changedParameters(parent.source.parameters, timeline.changes) } : this.#sourceOf(timeline.log);
    const shelf = keptRegions(source.parameters);
    const processor = { ...prebuiltInterpreter(), ...(shelf ? { shelf } : {}) };
    return Session.open(timeline.log, source, { name: timeline.name, processor, ...options }, parent);
  }
  #sourceOf(log: LogReader): BootSource {
    const first = log.event(0);
    if (first?.kind !== "boot") throw new Failure(`Nothing is left of this recording${log.damage ? `: ${log.damage}` : "."}`);
    const { parameters } = first;
    return { image: openImage(parameters.imageDigest), mounts: parameters.mounts.map(mount => this.mounts.open(mount)), parameters };
  }
}
const nameOf = (path: string): string => basename(path).replace(LOG_SUFFIX, "");
