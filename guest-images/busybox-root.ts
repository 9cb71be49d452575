// The root file system around a BusyBox binary: the base, and its commands as links. A pure function of its arguments.
import type { ImageEntry } from "../engine/loader/image.ts";
import { baseRoot } from "./base-root.ts";

export interface BusyboxRoot {
  readonly binary: Uint8Array;
  readonly version: string;
  /** Absolute paths that become links to /bin/busybox. */
  readonly commands: readonly string[];
  /** Of every entry: the time of the package's own program, so that the same package gives the same image anywhere. */
  readonly mtimeSeconds: number;
}

export function busyboxRoot({ binary, version, commands, mtimeSeconds }: BusyboxRoot): readonly ImageEntry[] {
  const owned = { uid: 0, gid: 0, mtimeSeconds };
  return [
    ...baseRoot({ system: `Chronix with BusyBox ${version}`, mtimeSeconds }),
    { path: "/bin/busybox", kind: "file", mode: 0o755, ...owned, content: binary },
    ...commands.map((path): ImageEntry => ({ path, kind: "symlink", mode: 0o777, ...owned, target: "/bin/busybox" })),
  ];
}
