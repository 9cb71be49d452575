// The Debian image: a bookworm userland from pinned packages, unpacked here and configured in the guest itself.
import { createHash } from "node:crypto";
import type { Image, ImageEntry } from "../../engine/loader/image.ts";
import { fetchPackages, type NamedPackage } from "../apt.ts";
import { makeImage } from "../image.ts";
import { ImageStore } from "../image-store.ts";
import type { ImageWriter } from "../stored-image.ts";
import { UserMistake } from "../user-mistake.ts";
import { configured } from "./configure.ts";
import manifest from "./manifest.json" with { type: "json" };
import { baseEntries, unpackPackage } from "./root.ts";
import { SEEDS } from "./seeds.ts";

export const DEBIAN = "debian";

const CONFIG: Image["config"] = {
  entrypoint: ["/bin/bash"],
  environment: {
    HOME: "/root",
    LANG: "C.UTF-8",
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  },
  workingDirectory: "/root",
  user: { uid: 0, gid: 0 },
};

export interface Pull {
  readonly onProgress?: (sentence: string) => void;
  /** How far a step is, for a bar. */
  readonly onStep?: (step: string, done: number, total: number) => void;
  readonly store?: ImageStore;
  readonly fetch?: typeof fetchPackages;
}

/** Fetches the packages, makes the image and saves it. Throws one sentence where it cannot. */
export async function pullDebian({ onProgress = () => {}, onStep = () => {}, store = new ImageStore(), fetch = fetchPackages }: Pull = {}): Promise<Image> {
  onProgress(`Fetching ${manifest.length} packages of Debian bookworm through this host's package client.`);
  const packages = await fetch({ seeds: SEEDS, pinned: manifest, onProgress, onFetched: (done, total) => onStep("packages fetched", done, total) });
  if (!packages)
    throw new UserMistake(
      `Could not fetch Debian's packages: this needs apt-get that knows an archive of bookworm, its keys and the network; mend that and run "chronix image pull debian" again.`,
    );
  checkPins(packages, onProgress);
  const writer = store.writer();
  try {
    const raw = makeImage(DEBIAN, await unpackAll(packages, writer, onStep), CONFIG);
    const image = configured(raw, writer, { onProgress, onStep });
    store.saveWritten(writer, image);
    onProgress(`Saved image ${image.name}, ${image.digest}.`);
    return store.open(image.digest);
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

function checkPins(packages: readonly NamedPackage[], onProgress: Pull["onProgress"] & object): void {
  const pins = new Map(manifest.map(pin => [pin.name, pin]));
  const moved = packages.filter(({ name, version }) => pins.get(name)?.version !== version);
  for (const { name, version, bytes } of packages) {
    const pin = pins.get(name);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    if (pin?.version === version && pin.sha256 !== sha256)
      throw new UserMistake(
        `The package ${name} ${version} that came has SHA-256 ${sha256}, not the pinned ${pin.sha256}; check which archive this host uses.`,
      );
  }
  if (moved.length === 0) return;
  const named = moved.slice(0, 3).map(({ name, version }) => `${name} ${version}`);
  onProgress(
    `The archive has moved on for ${moved.length} of ${packages.length} packages (${named.join(", ")}${moved.length > 3 ? ", …" : ""}): these are checked by its signed metadata.`,
  );
}

async function unpackAll(packages: readonly NamedPackage[], writer: ImageWriter, onStep: Pull["onStep"] & object): Promise<readonly ImageEntry[]> {
  const entries: ImageEntry[] = [];
  const statuses: string[] = [];
  for (const [index, { name, bytes }] of packages.entries()) {
    const unpacked = await unpackPackage(name, bytes);
    entries.push(...unpacked.entries.map(entry => storedEntry(entry, writer)));
    statuses.push(unpacked.status);
    onStep("packages unpacked", index + 1, packages.length);
  }
  const mtimeSeconds = entries.reduce((latest, entry) => Math.max(latest, entry.mtimeSeconds), 0);
  const status: ImageEntry = {
    ...{ path: "/var/lib/dpkg/status", kind: "file", mode: 0o644, uid: 0, gid: 0, mtimeSeconds },
    content: Buffer.from(`${statuses.toSorted().join("\n\n")}\n\n`),
  };
  return [...entries, ...[...baseEntries(mtimeSeconds), status].map(entry => storedEntry(entry, writer))];
}

function storedEntry(entry: ImageEntry, writer: ImageWriter): ImageEntry {
  const { content, ...rest } = entry;
  return content ? { ...rest, stored: writer.store(content) } : entry;
}
