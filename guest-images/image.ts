// Makes an image from entries in any order: checks them, puts them in canonical order, adds folders nobody named, and computes the digest.
import type { Image, ImageEntry } from "../engine/loader/image.ts";
import { imageDigest } from "./digest.ts";
import { UserMistake } from "./user-mistake.ts";

export type { Image, ImageEntry };

export function makeImage(name: string, entries: Iterable<ImageEntry>, config: Image["config"]): Image {
  const ordered = canonicalEntries(entries);
  return { name, digest: imageDigest({ entries: ordered, config }), entries: ordered, config };
}

/** Where two entries have one path, the later wins, as when archives are unpacked over each other. */
export function canonicalEntries(entries: Iterable<ImageEntry>): readonly ImageEntry[] {
  const byPath = new Map<string, ImageEntry>();
  for (const entry of entries) {
    checkPath(entry.path);
    byPath.set(entry.path, entry);
  }
  for (const path of [...byPath.keys()]) addParents(byPath, path);
  return sortedEntries([...byPath.values()]);
}
/** The same, of entries that are known to be sound: of one path each, with their folders. */
export function sortedEntries(entries: readonly ImageEntry[]): readonly ImageEntry[] {
  const ordered = entries.toSorted((left, right) => (left.path < right.path ? -1 : 1));
  return ordered.some(({ hardLinkTo }) => hardLinkTo !== undefined) ? settledHardLinks(ordered) : ordered;
}

/** The first name of a file carries its content and the later ones point to it, whichever of them an archive had first. */
function settledHardLinks(ordered: readonly ImageEntry[]): readonly ImageEntry[] {
  const byPath = new Map(ordered.map(entry => [entry.path, entry]));
  const firstName = new Map<ImageEntry, string>();
  return ordered.map(entry => {
    const owner = contentOwner(byPath, entry);
    const first = firstName.get(owner);
    if (first === undefined) {
      firstName.set(owner, entry.path);
      return { ...owner, path: entry.path };
    }
    const { content: _, stored: __, ...names } = owner;
    return { ...names, path: entry.path, hardLinkTo: first };
  });
}

function contentOwner(byPath: ReadonlyMap<string, ImageEntry>, entry: ImageEntry): ImageEntry {
  let owner = entry;
  for (let hops = 0; owner.hardLinkTo !== undefined; hops++) {
    const next = byPath.get(owner.hardLinkTo);
    if (!next || next.kind === "directory" || hops > byPath.size)
      throw new UserMistake(`The image has ${entry.path} as a hard link to ${owner.hardLinkTo}, which is not a file in it; check how it was made.`);
    owner = next;
  }
  return owner;
}

function addParents(byPath: Map<string, ImageEntry>, path: string): void {
  for (let parent = parentOf(path); parent !== null; parent = parentOf(parent)) {
    const found = byPath.get(parent);
    if (found && found.kind !== "directory") throw new UserMistake(`The image has ${path}, but ${parent} in it is not a folder; check how it was made.`);
    if (!found) byPath.set(parent, { path: parent, kind: "directory", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 0 });
  }
}

function parentOf(path: string): string | null {
  return path === "/" ? null : path.slice(0, path.lastIndexOf("/")) || "/";
}

function checkPath(path: string): void {
  const isNormal = path === "/" || (path.startsWith("/") && path.slice(1).split("/").every(isName));
  if (!isNormal) throw new UserMistake(`An image cannot have the path ${JSON.stringify(path)}: paths are absolute, without "." or "..".`);
}

function isName(part: string): boolean {
  return part !== "" && part !== "." && part !== ".." && !/[\0\u0100-\uffff]/.test(part);
}
