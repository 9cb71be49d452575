// A Debian package that a check needs and the Debian image does not have: fetched by the host's package client in the version that is pinned, and kept in the cache folder.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fetchPackage } from "../../guest-images/apt.ts";
import { cacheFolder } from "../../guest-images/cache-folder.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";

export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  /** Of the whole package. */
  readonly sha256: string;
}

/** Nothing is to be fetched. */
export const isKept = (pin: PinnedPackage): boolean => existsSync(keptAt(pin));
const keptAt = ({ sha256 }: PinnedPackage): string => join(cacheFolder(), "packages", `${sha256}.deb`);

export async function pinnedPackage(pin: PinnedPackage, say: (text: string) => void): Promise<Uint8Array> {
  const { name, version, sha256 } = pin;
  const path = keptAt(pin);
  if (existsSync(path)) return readFileSync(path);
  say(`Fetching ${name} ${version}.`);
  const fetched = await fetchPackage({ name, version, onProgress: say });
  const found = fetched && createHash("sha256").update(fetched.bytes).digest("hex");
  if (!fetched || found !== sha256)
    throw new UserMistake(
      `${name} ${version} could not be fetched as pinned (${found ? `version ${fetched.version} came` : "nothing came"}): this needs apt-get that knows an archive of Debian bookworm.`,
    );
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, fetched.bytes);
  return fetched.bytes;
}
