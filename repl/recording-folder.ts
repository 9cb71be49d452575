// Where recordings go: the folder of logs, with the copies of what was mounted beside them.
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join, resolve } from "node:path";
import { LOG_SUFFIX } from "../snapshots/log-folder.ts";
import { MountStore } from "./mount-store.ts";

const dataFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment.CHRONIX_HOME ? join(environment.CHRONIX_HOME, "logs") : join(environment.XDG_DATA_HOME || join(homedir(), ".local", "share"), "chronix");

export class RecordingFolder {
  readonly folder: string;
  readonly mounts: MountStore;
  constructor(folder: string = dataFolder()) {
    this.folder = folder;
    this.mounts = new MountStore(folder);
  }
  /** A place for a new recording: the program's name and a number. */
  freshPath(program: string): string {
    mkdirSync(this.folder, { recursive: true });
    const stem = basename(program).replaceAll(/[^\w.-]/g, "_") || "guest";
    for (let n = 0; ; n++) {
      const path = join(this.folder, `${stem}-${n}${LOG_SUFFIX}`);
      if (!existsSync(path)) return path;
    }
  }
  /** For `record -o` and forks: a name becomes a file of the folder. */
  pathFor(text: string): string {
    if (text.includes("/") || text.endsWith(LOG_SUFFIX)) return resolve(text);
    mkdirSync(this.folder, { recursive: true });
    return join(this.folder, text + LOG_SUFFIX);
  }
}
