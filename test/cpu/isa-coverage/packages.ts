// Debian packages whose programs are looked through: fetched by the host's package client, and kept unpacked in the cache folder.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fetchPackage } from "../../../guest-images/apt.ts";
import { cacheFolder } from "../../../guest-images/cache-folder.ts";
import { packageFiles } from "../../../guest-images/deb.ts";

export const packages = [
  "bash",
  "coreutils",
  "libc6",
  "python3.11-minimal",
  "libpython3.11",
  "libpython3.11-minimal",
  "libpython3.11-stdlib",
  "perl-base",
  "libperl5.36",
  "gcc-12",
  "cpp-12",
  "binutils-x86-64-linux-gnu",
  "libssl3",
  "libstdc++6",
] as const;
const ELF = 0x7f45_4c46;
const isElf = (bytes: Uint8Array): boolean => bytes.length > 64 && Buffer.from(bytes.subarray(0, 4)).readUInt32BE() === ELF;

/** The package's ELF files, as paths. */
export async function elvesOf(name: string, say: (text: string) => void): Promise<readonly string[]> {
  const folder = join(cacheFolder(), "coverage", name);
  if (!existsSync(folder)) await unpack(name, folder, say);
  return filesIn(folder);
}
async function unpack(name: string, folder: string, say: (text: string) => void): Promise<void> {
  say(`fetching ${name}`);
  const fetched = await fetchPackage({ name, version: "", onProgress: say });
  if (!fetched) throw new Error(`The package client has no ${name}: it needs Debian 12's archive.`);
  const half = `${folder}.half`;
  mkdirSync(half, { recursive: true });
  writeFileSync(join(half, "version"), fetched.version);
  for (const entry of await packageFiles(fetched.bytes)) {
    if (!entry.content || !isElf(entry.content as Uint8Array)) continue;
    const path = join(half, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, entry.content as Uint8Array);
  }
  renameSync(half, folder);
}
function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map(path => join(folder, path))
    .filter(path => statSync(path).isFile() && isElf(readFileSync(path)))
    .toSorted();
}
