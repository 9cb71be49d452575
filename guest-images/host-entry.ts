// One name in a host's folder: what is kept of it. Host paths are binary strings, since a name need not be text.
import { lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import type { ImageEntry, StoredContent } from "../engine/loader/image.ts";
import { explained, onHost } from "./host-contents.ts";

export const attributesOf = (host: string): Stats => explained(host, () => lstatSync(onHost(host)));
export const namesIn = (host: string): string[] => explained(host, () => readdirSync(onHost(host), { encoding: "latin1" }));
/** Of a file that may have other names. */
export const identityOf = ({ nlink, dev, ino }: Stats): string | undefined => (nlink > 1 ? `${dev}:${ino}` : undefined);

/** Of a file without its content; `undefined` for what is left out. */
export function entryOf(host: string, stats: Stats, path: string): ImageEntry | undefined {
  const mode = stats.mode & 0o7777;
  const mtimeSeconds = Math.floor(stats.mtimeMs / 1000);
  if (stats.isFile()) return { path, kind: "file", mode, uid: 0, gid: 0, mtimeSeconds };
  if (stats.isDirectory()) return { path, kind: "directory", mode, uid: 0, gid: 0, mtimeSeconds };
  if (stats.isSymbolicLink()) {
    const target = readlinkSync(onHost(host), { encoding: "latin1" });
    return { path, kind: "symlink", mode: 0o777, uid: 0, gid: 0, mtimeSeconds, target };
  }
  return stats.isFIFO() ? { path, kind: "fifo", mode, uid: 0, gid: 0, mtimeSeconds } : undefined;
}
export const leftOut = (host: string, stats: Stats): string =>
  `${onHost(host)} is a ${stats.isSocket() ? "socket" : "device"} and is left out of the mounted copy.`;

/** Not spread: there are thousands. */
export const withContent = ({ path, kind, mode, uid, gid, mtimeSeconds }: ImageEntry, content: Uint8Array | StoredContent): ImageEntry =>
  content instanceof Uint8Array ? { path, kind, mode, uid, gid, mtimeSeconds, content } : { path, kind, mode, uid, gid, mtimeSeconds, stored: content };
