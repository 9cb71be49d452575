// What a folder of blobs says of the image in it: an OCI layout (index.json) or an unpacked "docker save" (manifest.json).
import { existsSync, readFileSync } from "node:fs";
import { join, resolve, sep } from "node:path";
import { UserMistake } from "../user-mistake.ts";

export interface ContainerConfig {
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Env?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly User?: string;
}
export interface ContainerImage {
  readonly config: ContainerConfig;
  /** Files of the host, the lowest layer first. */
  readonly layers: readonly string[];
}
interface Descriptor {
  readonly digest: string;
  readonly mediaType?: string;
  readonly platform?: { readonly architecture?: string; readonly os?: string };
}
interface Manifest {
  readonly manifests?: readonly Descriptor[];
  readonly config?: Descriptor;
  readonly layers?: readonly Descriptor[];
}

export const isLayout = (folder: string): boolean => existsSync(join(folder, "manifest.json")) || existsSync(join(folder, "index.json"));

export function readLayout(folder: string): ContainerImage {
  return existsSync(join(folder, "manifest.json")) ? dockerImage(folder) : ociImage(folder);
}

function dockerImage(folder: string): ContainerImage {
  const images = json(folder, "manifest.json") as readonly { readonly Config: string; readonly Layers: readonly string[] }[];
  const [first, ...others] = images;
  if (!first || others.length > 0) throw new UserMistake(`The archive holds ${images.length} images; save the one that you want by itself.`);
  return { config: configIn(folder, first.Config), layers: first.Layers.map(layer => within(folder, layer)) };
}

function ociImage(folder: string): ContainerImage {
  let manifest = json(folder, "index.json") as Manifest;
  while (manifest.manifests) manifest = json(folder, blob(chosen(manifest.manifests))) as Manifest;
  if (!manifest.config || !manifest.layers) throw new UserMistake("The layout's manifest names no config and layers; make it again.");
  return { config: configIn(folder, blob(manifest.config)), layers: manifest.layers.map(layer => within(folder, blob(layer))) };
}

/** Of several platforms, the guest's. */
function chosen(manifests: readonly Descriptor[]): Descriptor {
  const fitting = manifests.filter(({ platform }) => !platform || (platform.architecture === "amd64" && platform.os === "linux"));
  const [first, ...others] = fitting;
  if (!first) throw new UserMistake("The layout has no image for linux/amd64.");
  if (others.length > 0) throw new UserMistake(`The layout holds ${fitting.length} images for linux/amd64; export the one that you want by itself.`);
  return first;
}

function configIn(folder: string, name: string): ContainerConfig {
  return (json(folder, name) as { readonly config?: ContainerConfig }).config ?? {};
}

const blob = ({ digest }: Descriptor): string => `blobs/${digest.replace(":", "/")}`;

function json(folder: string, name: string): unknown {
  try {
    return JSON.parse(readFileSync(within(folder, name), "utf8"));
  } catch (error) {
    throw new UserMistake(`The image's ${name} cannot be read (${(error as Error).message}); make the archive again.`);
  }
}

/** Names come from a file that anybody may have made. */
function within(folder: string, name: string): string {
  const path = resolve(folder, name);
  if (!path.startsWith(resolve(folder) + sep)) throw new UserMistake(`The image names a file outside itself: ${name}.`);
  return path;
}
