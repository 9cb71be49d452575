// stress-ng and the libraries it is linked with, as a folder to mount at /opt/stress: pinned packages that are no part of the Debian image, since nothing but this check wants them.
import type { Mount } from "../../engine/boot.ts";
import type { ImageEntry } from "../../engine/loader/image.ts";
import { packageFiles } from "../../guest-images/deb.ts";
import { entriesDigest } from "../../guest-images/digest.ts";
import { canonicalEntries } from "../../guest-images/image.ts";
import { isKept, pinnedPackage } from "../corpus/pinned-package.ts";
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
    entries.push(...(await packageFiles(await pinnedPackage(pin, say))).filter(({ path, kind }) => kind !== "directory" && WANTED.test(path)));
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
export const hasPackages = (): boolean => pins.every(isKept);
