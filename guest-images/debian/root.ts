// From Debian's packages to the files of a root: what each brings, with /usr merged (bin, lib and sbin are links into it), and the package manager's own records.
// What nobody needs in a guest is left out: documentation, manual pages, translations.
import type { ImageEntry } from "../../engine/loader/image.ts";
import { packageControl, packageFiles } from "../deb.ts";

export interface UnpackedPackage {
  readonly name: string;
  readonly entries: readonly ImageEntry[];
  /** The paragraph of /var/lib/dpkg/status. */
  readonly status: string;
}

const LEFT_OUT = /^\/usr\/share\/(?:doc|man|info|locale|lintian|bug|doc-base|gnome|menu|pixmaps|icons|applications)\/|^\/usr\/share\/(?:doc|man|info|locale)$/;
const MERGED = /^\/(bin|sbin|lib|lib64|lib32|libx32)(?=\/|$)/;

export async function unpackPackage(name: string, deb: Uint8Array): Promise<UnpackedPackage> {
  const files = (await packageFiles(deb)).filter(({ path }) => !LEFT_OUT.test(path)).map(merged);
  const control = await packageControl(deb);
  const text = new TextDecoder().decode(control.find(({ path }) => path === "/control")?.content);
  const isMultiArch = /^Multi-Arch: same$/m.test(text);
  const record = `/var/lib/dpkg/info/${name}${isMultiArch ? ":amd64" : ""}`;
  const mtimeSeconds = Math.max(0, ...files.map(file => file.mtimeSeconds));
  const records = control
    .filter(({ path, kind }) => kind === "file" && path !== "/control" && path !== "/md5sums")
    .map(entry => ({ ...entry, path: `${record}.${entry.path.slice(1)}` }));
  const list = files.map(({ path }) => (path === "/" ? "/.\n" : `${path}\n`)).join("");
  const listed: ImageEntry = { path: `${record}.list`, kind: "file", mode: 0o644, uid: 0, gid: 0, mtimeSeconds, content: Buffer.from(list, "latin1") };
  const status = text.trimEnd().replace(/^(Package: .*)$/m, "$1\nStatus: install ok installed");
  return { name, entries: [...files.filter(({ path }) => !MERGED.test(path)), ...records, listed], status };
}

/** A folder that is a link in the merged layout is not unpacked as a folder. */
function merged(entry: ImageEntry): ImageEntry {
  const place = (path: string): string => path.replace(MERGED, (whole, _, at, all: string) => (at + whole.length === all.length ? whole : `/usr${whole}`));
  return { ...entry, path: place(entry.path), ...(entry.hardLinkTo !== undefined && { hardLinkTo: place(entry.hardLinkTo) }) };
}

/** What the installer makes, and no package. */
export function baseEntries(mtimeSeconds: number): readonly ImageEntry[] {
  const owned = { uid: 0, gid: 0, mtimeSeconds };
  const links = ["bin", "sbin", "lib", "lib64"].map(
    (name): ImageEntry => ({ path: `/${name}`, kind: "symlink", mode: 0o777, ...owned, target: `usr/${name}` }),
  );
  const folders = Object.entries(FOLDERS).map(([path, mode]): ImageEntry => ({ path, kind: "directory", mode, ...owned }));
  const texts = Object.entries(TEXTS).map(([path, text]): ImageEntry => ({ path, kind: "file", mode: 0o644, ...owned, content: Buffer.from(text) }));
  return [...folders, ...links, ...texts];
}

const FOLDERS: Readonly<Record<string, number>> = {
  "/": 0o755,
  "/usr/lib64": 0o755,
  "/dev": 0o755,
  "/proc": 0o555,
  "/sys": 0o555,
  "/root": 0o700,
  "/tmp": 0o1777,
  "/var/tmp": 0o1777,
  "/var/lib/dpkg/alternatives": 0o755,
  "/var/lib/dpkg/updates": 0o755,
  "/etc/alternatives": 0o755,
};
const TEXTS: Readonly<Record<string, string>> = {
  "/etc/hostname": "chronix\n",
  "/etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\tchronix\n::1\tlocalhost ip6-localhost ip6-loopback\n",
  "/etc/resolv.conf": "nameserver 127.0.0.1\n",
  "/etc/fstab": "",
  "/var/lib/dpkg/available": "",
};
