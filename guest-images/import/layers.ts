// Layers of a container image, laid over each other (OCI image specification, "Image Layer Filesystem Changeset"). Knows entries only, not where they come from.
import type { ImageEntry } from "../../engine/loader/image.ts";

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";

export class Layers {
  readonly #entries = new Map<string, ImageEntry>();
  /** Names of one file share an entry's content here: each can go without the others. */
  readonly #files = new Map<string, object>();

  /** A layer's whiteouts hide what lower layers have, never what the layer itself brings. */
  add(layer: readonly ImageEntry[]): void {
    for (const { path } of layer) {
      const [folder, name] = split(path);
      if (name === OPAQUE) this.#removeBelow(folder);
      else if (name.startsWith(WHITEOUT)) this.#remove(`${folder === "/" ? "" : folder}/${name.slice(WHITEOUT.length)}`);
    }
    for (const entry of layer) if (!split(entry.path)[1].startsWith(WHITEOUT)) this.#put(entry);
  }

  get entries(): readonly ImageEntry[] {
    const firstNames = new Map<object, string>();
    return [...this.#entries.keys()].toSorted().map(path => {
      const entry = this.#entries.get(path)!;
      const file = this.#files.get(path);
      const first = file && firstNames.get(file);
      if (file && first === undefined) firstNames.set(file, path);
      if (first === undefined) return entry;
      const { content: _, stored: __, ...rest } = entry;
      return { ...rest, hardLinkTo: first };
    });
  }

  #put(entry: ImageEntry): void {
    const { path, kind, hardLinkTo } = entry;
    const linked = hardLinkTo === undefined ? undefined : this.#entries.get(hardLinkTo);
    if (kind !== "directory" || this.#entries.get(path)?.kind !== "directory") this.#remove(path);
    if (hardLinkTo === undefined) {
      this.#entries.set(path, entry);
      this.#files.set(path, {});
    } else if (linked) {
      this.#entries.set(path, { ...linked, path });
      this.#files.set(path, this.#files.get(hardLinkTo)!);
    } else this.#entries.set(path, entry);
  }
  #remove(path: string): void {
    this.#entries.delete(path);
    this.#files.delete(path);
    this.#removeBelow(path);
  }
  #removeBelow(folder: string): void {
    const prefix = folder === "/" ? "/" : `${folder}/`;
    for (const path of this.#entries.keys()) {
      if (path === "/" || !path.startsWith(prefix)) continue;
      this.#entries.delete(path);
      this.#files.delete(path);
    }
  }
}

function split(path: string): readonly [folder: string, name: string] {
  const slash = path.lastIndexOf("/");
  return [path.slice(0, slash) || "/", path.slice(slash + 1)];
}
