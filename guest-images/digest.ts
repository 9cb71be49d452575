// The digest of an image or of a set of entries: SHA-256 over one line of JSON for each entry, where content is named by its own SHA-256.
// The digest is in every log, so this serialisation never changes.
import type { Image, ImageEntry } from "../engine/loader/image.ts";

/** Looked up when first needed: loading node:crypto takes some 8 ms, and an image that is opened has its digest already. */
const crypto = () => process.getBuiltinModule("node:crypto");

export function entriesDigest(entries: readonly ImageEntry[]): string {
  const hash = crypto().createHash("sha256");
  for (const entry of entries) hash.update(lineOf(entry));
  return `sha256:${hash.digest("hex")}`;
}

/** Covers the config too: a log names its image by digest, and the machine starts from both. */
export function imageDigest(image: Pick<Image, "entries" | "config">): string {
  const { entrypoint, environment, workingDirectory, user } = image.config;
  const hash = crypto().createHash("sha256");
  for (const entry of image.entries) hash.update(lineOf(entry));
  hash.update(JSON.stringify([entrypoint, Object.entries(environment).toSorted(byName), workingDirectory, user.uid, user.gid]));
  return `sha256:${hash.digest("hex")}`;
}

function lineOf(entry: ImageEntry): string {
  const { path, kind, mode, uid, gid, mtimeSeconds, content, stored, target, device, hardLinkTo } = entry;
  const contentDigest = stored?.digest ?? (content ? crypto().hash("sha256", content) : null);
  return `${JSON.stringify([path, kind, mode, uid, gid, mtimeSeconds, contentDigest, target ?? null, device ?? null, hardLinkTo ?? null])}\n`;
}

function byName([left]: [string, string], [right]: [string, string]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
