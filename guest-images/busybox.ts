// The default image: BusyBox from Debian's package busybox-static, with a root file system around it.
import { createHash } from "node:crypto";
import type { Image } from "../engine/loader/image.ts";
import { appletNames, appletPaths } from "./applets.ts";
import { type FetchedPackage, fetchPackage } from "./apt.ts";
import { ROOT_ENVIRONMENT } from "./base-root.ts";
import { busyboxRoot } from "./busybox-root.ts";
import { packageFiles } from "./deb.ts";
import { makeImage } from "./image.ts";
import { BUSYBOX, ImageStore } from "./image-store.ts";
import manifest from "./manifest.json" with { type: "json" };
import { UserMistake } from "./user-mistake.ts";

export { BUSYBOX };

const CONFIG: Image["config"] = {
  entrypoint: ["/bin/sh"],
  environment: ROOT_ENVIRONMENT,
  workingDirectory: "/root",
  user: { uid: 0, gid: 0 },
};

export interface Pull {
  readonly onProgress?: (sentence: string) => void;
  readonly store?: ImageStore;
  readonly fetch?: typeof fetchPackage;
}

/** Fetches the package, makes the image and saves it. Throws one sentence where it cannot; the caller may then use the embedded image. */
export async function pullBusybox({ onProgress = () => {}, store = new ImageStore(), fetch = fetchPackage }: Pull = {}): Promise<Image> {
  onProgress(`Fetching ${manifest.package} ${manifest.version} through this host's package client.`);
  const fetched = await fetch({ name: manifest.package, version: manifest.version, onProgress });
  if (!fetched) {
    throw new UserMistake(
      `Could not fetch Debian's package ${manifest.package}: this needs apt-get, its archive keys and the network; mend that and run "chronix image pull busybox" again, or go on with the embedded image "demo".`,
    );
  }
  checkPin(fetched);
  if (fetched.version !== manifest.version)
    onProgress(`The archive has moved on from ${manifest.version}: this is ${fetched.version}, checked by the archive's signed metadata.`);
  const image = await busyboxImage(fetched);
  store.save(image);
  onProgress(`Saved image ${image.name}, ${image.digest}.`);
  return image;
}

function checkPin({ version, bytes }: FetchedPackage): void {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (version === manifest.version && sha256 !== manifest.sha256)
    throw new UserMistake(
      `The package ${manifest.package} ${version} that came has SHA-256 ${sha256}, not the pinned ${manifest.sha256}; check which archive this host uses.`,
    );
}

export async function busyboxImage({ version, bytes }: FetchedPackage): Promise<Image> {
  const files = await packageFiles(bytes);
  // Releases with merged /usr ship it as /usr/bin/busybox.
  const program = files.find(({ path }) => path === "/bin/busybox" || path === "/usr/bin/busybox");
  if (!program?.content)
    throw new UserMistake(`The package ${manifest.package} ${version} holds no /bin/busybox; update Chronix, or go on with the embedded image "demo".`);
  const names = appletNames(program.content);
  const placed = Object.values(manifest.applets).flatMap(list => list.split(" "));
  const commands = appletPaths(names.length > 0 ? names : placed, manifest.applets);
  return makeImage(BUSYBOX, busyboxRoot({ binary: program.content, version, commands, mtimeSeconds: program.mtimeSeconds }), CONFIG);
}
