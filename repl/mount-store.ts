// Copies of host folders that recordings were booted with, kept beside the logs by digest: without them a log could not be replayed.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "../engine/boot.ts";
import type { BootParameters } from "../events/kernel-event.ts";
import { writeAtomically } from "../guest-images/atomic-write.ts";
import { makeImage } from "../guest-images/image.ts";
import { decodeImage, encodeImage } from "../guest-images/image-file.ts";
import { Failure } from "./failure.ts";

const CONFIG = { entrypoint: [], environment: {}, workingDirectory: "/", user: { uid: 0, gid: 0 } };

export class MountStore {
  readonly #folder: string;
  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, "mounts");
  }
  save({ digest, entries }: Pick<Mount, "digest" | "entries">): void {
    const path = this.#pathOf(digest);
    if (!existsSync(path)) writeAtomically(path, encodeImage(makeImage("mount", entries, CONFIG)));
  }
  open(mount: BootParameters["mounts"][number]): Mount {
    const path = this.#pathOf(mount.digest);
    if (!existsSync(path)) throw new Failure(`The copy of what was mounted at ${mount.path} is missing: the log needs ${path}.`);
    return { ...mount, entries: decodeImage(readFileSync(path)).entries };
  }
  #pathOf(digest: string): string {
    return join(this.#folder, `${digest.replace(/^sha256:/, "")}.image`);
  }
}
