// Makes an image from what others have made: a "docker save" archive, an OCI layout, a tar of a root file system, or a folder.
import { createWriteStream, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Image, ImageEntry } from "../../engine/loader/image.ts";
import { ROOT_ENVIRONMENT } from "../base-root.ts";
import { hostFolder } from "../host-folder.ts";
import { makeImage } from "../image.ts";
import { ImageStore } from "../image-store.ts";
import type { ImageWriter } from "../stored-image.ts";
import { tarEntry } from "../tar-entry.ts";
import { UserMistake } from "../user-mistake.ts";
import { Layers } from "./layers.ts";
import { type ContainerConfig, isLayout, readLayout } from "./layout.ts";
import { readTarFile } from "./tar-file.ts";
import { userOf } from "./user.ts";

export interface Import {
  readonly path: string;
  /** Default: the file's name. */
  readonly name?: string;
  readonly store?: ImageStore;
  readonly onProgress?: (sentence: string) => void;
  readonly onStep?: (step: string, done: number, total: number) => void;
}

export async function importImage({ path, name, store = new ImageStore(), onProgress = () => {}, onStep = () => {} }: Import): Promise<Image> {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) throw new UserMistake(`There is no ${path} to import.`);
  const writer = store.writer();
  const temporary = mkdtempSync(join(tmpdir(), "chronix-import-"));
  try {
    const folder = stats.isDirectory() ? path : (await isContainerArchive(path)) ? await unpacked(path, temporary) : null;
    const { entries, config } =
      folder === null
        ? rootOf(await layerEntries(path, writer))
        : isLayout(folder)
          ? await container(folder, writer, onStep)
          : rootOf(folderEntries(folder, writer, onProgress));
    const image = makeImage(name ?? nameOf(path), entries, config);
    store.saveWritten(writer, image);
    onProgress(`Saved image ${image.name}, ${image.digest}.`);
    return store.open(image.digest);
  } catch (error) {
    writer.abandon();
    throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

interface Root {
  readonly entries: readonly ImageEntry[];
  readonly config: Image["config"];
}
const rootOf = (entries: readonly ImageEntry[]): Root => ({ entries, config: imageConfig({}, entries) });

async function container(folder: string, writer: ImageWriter, onStep: Import["onStep"] & object): Promise<Root> {
  const { config, layers } = readLayout(folder);
  const stack = new Layers();
  for (const [index, layer] of layers.entries()) {
    stack.add(await layerEntries(layer, writer));
    onStep("layers", index + 1, layers.length);
  }
  return { entries: stack.entries, config: imageConfig(config, stack.entries) };
}

/** Entrypoint and Cmd are one command line; what is not said is as a container would have it. */
function imageConfig({ Entrypoint, Cmd, Env, WorkingDir, User }: ContainerConfig, entries: readonly ImageEntry[]): Image["config"] {
  const command = [...(Entrypoint ?? []), ...(Cmd ?? [])];
  const said = Object.fromEntries((Env ?? []).map(pair => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
  return {
    entrypoint: command.length > 0 ? command : ["/bin/sh"],
    environment: { PATH: ROOT_ENVIRONMENT.PATH ?? "/bin", HOME: "/root", ...said },
    workingDirectory: WorkingDir || "/",
    user: userOf(User ?? "", entries),
  };
}

async function layerEntries(path: string, writer: ImageWriter): Promise<readonly ImageEntry[]> {
  const entries: ImageEntry[] = [];
  await readTarFile(path, async (header, read) => {
    const entry = tarEntry(header);
    if (entry) entries.push(entry.kind === "file" && entry.hardLinkTo === undefined ? { ...entry, stored: writer.store(await read()) } : entry);
  });
  return entries;
}

function folderEntries(folder: string, writer: ImageWriter, onProgress: Import["onProgress"] & object): readonly ImageEntry[] {
  const { entries, notices } = hostFolder(folder, { bytes: 2 ** 32, entries: 1_000_000 });
  for (const notice of notices) onProgress(notice);
  return entries.map(({ content, ...entry }) => (content ? { ...entry, stored: writer.store(content) } : entry));
}

/** The first entries of such an archive are its parts, and none is a folder of a root file system. */
async function isContainerArchive(path: string): Promise<boolean> {
  let isFound = false;
  await readTarFile(path, async ({ name }) => {
    isFound ||= /^(?:\.\/)?(?:manifest\.json|index\.json)$/.test(name);
  });
  return isFound;
}

async function unpacked(path: string, folder: string): Promise<string> {
  await readTarFile(path, async (header, read) => {
    const target = resolve(folder, header.name);
    if (header.type !== "file" || !target.startsWith(`${folder}/`)) return;
    mkdirSync(dirname(target), { recursive: true });
    if (!existsSync(target)) await pipeline(Readable.from([await read()]), createWriteStream(target));
  });
  return folder;
}

function nameOf(path: string): string {
  const stem = basename(resolve(path)).replace(/\.(?:tar(?:\.\w+)?|tgz|txz|tzst)$/i, "");
  return (
    stem
      .toLowerCase()
      .replaceAll(/[^a-z0-9._-]/g, "-")
      .replace(/^[^a-z0-9]+/, "")
      .slice(0, 64) || "imported"
  );
}
