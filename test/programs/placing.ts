// How a file of a case comes to lie in its folder: a text of ours, a program from npm, something generated, or a source package.
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../guest-images/cache-folder.ts";
import { CASE_SECONDS } from "../corpus/corpus.ts";
import { type SourcePackage, withSource } from "../corpus/debian-source.ts";

/** Puts what it stands for at this path of the host. */
export type Placing = (at: string) => void;

const ROOT = join(import.meta.dirname, "../..");

/** Of files/. */
export const text =
  (name: string): Placing =>
  at =>
    place(at, () => copyFileSync(join(import.meta.dirname, "files", name), at));
/** A program within node_modules; package-lock.json pins its version and digest. */
export const npmProgram =
  (path: string): Placing =>
  at => {
    const from = join(ROOT, "node_modules", path);
    if (!existsSync(from)) throw new Error(`There is no ${path} in node_modules: run "npm install" on Linux x86-64.`);
    place(at, () => copyFileSync(from, at), 0o755);
  };
export const generated =
  (make: () => string): Placing =>
  at =>
    place(at, () => writeFileSync(at, make()));
/** The unpacked upstream source, with its own times, since make goes by them. */
export const source =
  (wanted: SourcePackage & { readonly sha256: string }): Placing =>
  at => {
    const kept = join(cacheFolder(), "sources", `${wanted.name}-${wanted.version}`);
    if (!existsSync(kept))
      withSource(wanted, out => {
        const folder = readdirSync(out).find(name => name.startsWith(`${wanted.name}-`))!;
        mkdirSync(join(cacheFolder(), "sources"), { recursive: true });
        cpSync(join(out, folder), `${kept}.new`, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
        renameSync(`${kept}.new`, kept);
      });
    cpSync(kept, at, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  };

function place(at: string, write: () => void, mode = 0o644): void {
  write();
  chmodSync(at, mode);
  utimesSync(at, CASE_SECONDS, CASE_SECONDS);
}
