// Reads Debian's package format (deb(5)): an ar archive whose member data.tar[.gz|.xz|.zst] holds the files, and control.tar what the package manager is to know and to run. Nothing is written to disk and nothing needs root.
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { unpackTar } from "modern-tar";
import xz from "xz-decompress";
import type { ImageEntry } from "../engine/loader/image.ts";
import { tarEntry } from "./tar-entry.ts";
import { UserMistake } from "./user-mistake.ts";

export const packageFiles = (deb: Uint8Array): Promise<readonly ImageEntry[]> => entriesIn(deb, "data");
/** The control file, maintainer scripts and what else is beside them. */
export const packageControl = (deb: Uint8Array): Promise<readonly ImageEntry[]> => entriesIn(deb, "control");

async function entriesIn(deb: Uint8Array, member: "data" | "control"): Promise<readonly ImageEntry[]> {
  const entries = await unpackTar(await archiveIn(deb, member), { strict: true });
  return entries.map(({ header, data }) => {
    const entry = tarEntry(header);
    if (!entry) throw new UserMistake(`The package holds ${header.name}, a ${header.type}, which an image made from a package cannot have.`);
    return header.type === "file" ? { ...entry, content: data ?? new Uint8Array() } : entry;
  });
}

async function archiveIn(deb: Uint8Array, member: string): Promise<Uint8Array> {
  for (const [name, content] of arMembers(deb)) {
    if (name === `${member}.tar`) return content;
    if (name === `${member}.tar.gz`) return gunzipSync(content);
    if (name === `${member}.tar.zst`) return zstdDecompressSync(content);
    if (name === `${member}.tar.xz`) return await unxz(content);
  }
  throw new UserMistake(`The package has no ${member}.tar in a compression that Chronix knows; fetch it again, or update Chronix.`);
}

/** No maintained library reads ar; deb(5) needs only this much of it: 60-byte headers in ASCII, contents padded to even length. */
function* arMembers(archive: Uint8Array): Generator<readonly [name: string, content: Uint8Array]> {
  const text = (from: number, to: number) => Buffer.from(archive.subarray(from, to)).toString("latin1").trim();
  if (text(0, 8) !== "!<arch>") throw new UserMistake("The package is not a Debian package; fetch it again.");
  for (let at = 8; at + 60 <= archive.length; ) {
    const length = Number(text(at + 48, at + 58));
    const start = at + 60;
    if (!Number.isSafeInteger(length) || start + length > archive.length) throw new UserMistake("The package is cut off or damaged; fetch it again.");
    yield [text(at, at + 16).replace(/\/$/, ""), archive.subarray(start, start + length)];
    at = start + length + (length % 2);
  }
}

async function unxz(content: Uint8Array): Promise<Uint8Array> {
  const plain = new xz.XzReadableStream(new Blob([content as Uint8Array<ArrayBuffer>]).stream());
  return new Uint8Array(await new Response(plain).arrayBuffer());
}
