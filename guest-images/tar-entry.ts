// From an entry of a tar archive to an entry of an image, without its content.
import type { TarHeader } from "modern-tar";
import { binaryOfText } from "../engine/kernel/objects/binary-string.ts";
import type { ImageEntry } from "../engine/loader/image.ts";

const KINDS: { readonly [type: string]: ImageEntry["kind"] } = { file: "file", link: "file", directory: "directory", symlink: "symlink", fifo: "fifo" };

/** `undefined` for what an image does not take from an archive: devices, which the machine makes itself. */
export function tarEntry(header: TarHeader): ImageEntry | undefined {
  const kind = KINDS[header.type ?? "file"];
  if (kind === undefined) return undefined;
  return {
    path: absolute(header.name),
    kind,
    mode: (header.mode ?? 0o755) & 0o7777,
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    mtimeSeconds: Math.floor((header.mtime?.getTime() ?? 0) / 1000),
    ...(header.type === "link" && { hardLinkTo: absolute(header.linkname ?? "") }),
    ...(kind === "symlink" && { target: binaryOfText(header.linkname ?? "") }),
  };
}

function absolute(name: string): string {
  return `/${binaryOfText(name)
    .replace(/^(\.?\/)+|^\.$/, "")
    .replace(/\/+$/, "")}`;
}
