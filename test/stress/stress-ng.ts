// stress-ng and the libraries it is linked with, as a folder to mount at /opt/stress: pinned packages that are no part of the Debian image, since nothing but this check wants them.
// Fetched by the host's package client, and kept in the cache folder.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Mount } from "../../engine/boot.ts";
import type { ImageEntry } from "../../engine/loader/image.ts";
import { fetchPackage } from "../../guest-images/apt.ts";
import { cacheFolder } from "../../guest-images/cache-folder.ts";
import { packageFiles } from "../../guest-images/deb.ts";
import { entriesDigest } from "../../guest-images/digest.ts";
import { canonicalEntries } from "../../guest-images/image.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";
import pins from "./packages.json" with { type: "json" };

export const STRESS_FOLDER = "/opt/stress";
export const STRESS_PROGRAM = `${STRESS_FOLDER}/usr/bin/stress-ng`;
export const STRESS_ENVIRONMENT = [
  "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
  `LD_LIBRARY_PATH=${STRESS_FOLDER}/usr/lib/x86_64-linux-gnu:${STRESS_FOLDER}/lib/x86_64-linux-gnu`,
  "LANG=C",
];
/** What a stressor may take: natively it is the host's. */
export const LIMITS = ["--nproc=256", "--as=4000000000", "--fsize=268435456", "--core=0"];
const WANTED = /^\/(usr\/bin\/stress-ng|(usr\/)?lib\/x86_64-linux-gnu\/)/;

export async function stressMount(say: (text: string) => void): Promise<Mount> {
  const entries: ImageEntry[] = [{ path: "/", kind: "directory", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 0 }];
  for (const pin of pins)
    entries.push(...(await packageFiles(await packageOf(pin, say))).filter(({ path, kind }) => kind !== "directory" && WANTED.test(path)));
  const folders = new Set(
    entries.flatMap(({ path }) =>
      path
        .split("/")
        .slice(1, -1)
        .map((_, i, all) => `/${all.slice(0, i + 1).join("/")}`),
    ),
  );
  for (const path of folders) entries.push({ path, kind: "directory", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 0 });
  const all = canonicalEntries(entries);
  return { path: STRESS_FOLDER, digest: entriesDigest(all), isReadOnly: true, entries: all };
}
/** Kept already: nothing is to be fetched. */
export const hasPackages = (): boolean => pins.every(({ sha256 }) => existsSync(keptAt(sha256)));
const keptAt = (sha256: string): string => join(cacheFolder(), "stress", `${sha256}.deb`);
async function packageOf({ name, version, sha256 }: (typeof pins)[number], say: (text: string) => void): Promise<Uint8Array> {
  const path = keptAt(sha256);
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
