// The embedded image: programs of ours, whose sources and ELF files stand in demo/. It is there where nothing can be fetched.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Image, ImageEntry } from "../engine/loader/image.ts";
import { baseRoot, ROOT_ENVIRONMENT } from "./base-root.ts";
import { makeImage } from "./image.ts";

export const DEMO = "demo";
export const DEMO_PROGRAMS = ["clock", "crash", "hello", "menu", "pingpong", "pipeline", "race"] as const;
/** 2026-01-01: fixed, so that the image has one digest. */
const MTIME_SECONDS = 1_767_225_600;

export function demoImage(): Image {
  const owned = { uid: 0, gid: 0, mtimeSeconds: MTIME_SECONDS };
  const programs = DEMO_PROGRAMS.map((name): ImageEntry => {
    return { path: `/bin/${name}`, kind: "file", mode: 0o755, ...owned, content: new Uint8Array(readFileSync(join(demoFolder(), `${name}.elf`))) };
  });
  const shell: ImageEntry = { path: "/bin/sh", kind: "symlink", mode: 0o777, ...owned, target: "/bin/menu" };
  return makeImage(DEMO, [...baseRoot({ system: "Chronix with its demo programs", mtimeSeconds: MTIME_SECONDS }), ...programs, shell], {
    entrypoint: ["/bin/menu"],
    environment: ROOT_ENVIRONMENT,
    workingDirectory: "/root",
    user: { uid: 0, gid: 0 },
  });
}

/** Beside this file in the sources, and beside dist/ once this file is bundled into it. */
function demoFolder(): string {
  const candidates = [join(import.meta.dirname, "demo"), join(import.meta.dirname, "../guest-images/demo")];
  const found = candidates.find(folder => existsSync(join(folder, "menu.elf")));
  if (found === undefined) throw new Error(`The embedded image is missing from this installation: looked in ${candidates.join(" and ")}.`);
  return found;
}
