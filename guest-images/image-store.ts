// Images in the cache folder: one file for each digest, and one small file for each name that holds a digest.
// There is no index that two processes could fight over; every write is a rename.
import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync } from "node:fs";
import type { Image } from "../engine/loader/image.ts";
import { writeAtomically } from "./atomic-write.ts";
import { cacheFolder } from "./cache-folder.ts";
import { decodeImage, encodeImage } from "./image-file.ts";
import { NotAnImage } from "./not-an-image.ts";
import { ImageWriter, openStoredImage, STORED_VERSION } from "./stored-image.ts";
import { UserMistake } from "./user-mistake.ts";

/** The default image's name. */
export const BUSYBOX = "busybox";

export interface StoredImage {
  /** Absent where only the digest is left, because the name moved on to a newer image. */
  readonly name?: string;
  readonly digest: string;
  readonly bytes: number;
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

export class ImageStore {
  readonly #folder: string;
  constructor(folder: string = cacheFolder()) {
    this.#folder = `${folder}/images`;
  }

  /** Of an image that is small: all of it is read when it is opened. */
  save(image: Image): void {
    checkName(image.name);
    writeAtomically(this.#fileOf(image.digest), encodeImage(image));
    writeAtomically(this.#nameFileOf(image.name), [Buffer.from(`${image.digest}\n`)]);
  }

  /** For an image whose contents are to be read when they are wanted. They go into the writer as they come; `saveWritten` ends it. */
  writer(): ImageWriter {
    return new ImageWriter(`${this.#folder}/growing`);
  }
  saveWritten(writer: ImageWriter, image: Image): void {
    checkName(image.name);
    writer.finish(image, this.#fileOf(image.digest));
    writeAtomically(this.#nameFileOf(image.name), [Buffer.from(`${image.digest}\n`)]);
  }

  has(nameOrDigest: string): boolean {
    const digest = this.#digestOf(nameOrDigest);
    return digest !== null && statSync(this.#fileOf(digest), { throwIfNoEntry: false }) !== undefined;
  }

  open(nameOrDigest: string): Image {
    const image = this.find(nameOrDigest);
    if (!image) throw new UserMistake(`There is no image ${nameOrDigest} here; see "chronix image ls", or fetch one with "chronix image pull busybox".`);
    return image;
  }
  /** Undefined where there is none of that name. */
  find(nameOrDigest: string): Image | undefined {
    const digest = this.#digestOf(nameOrDigest);
    const opened = digest === null ? null : openIfThere(this.#fileOf(digest));
    if (digest === null || opened === null) return undefined;
    return checked(this.#fileOf(digest), opened, digest, this.#listOf(digest), NAME.test(nameOrDigest) ? nameOrDigest : undefined);
  }

  list(): readonly StoredImage[] {
    const names = new Map(
      filesIn(`${this.#folder}/names`).flatMap(name => {
        const digest = NAME.test(name) ? this.#digestOf(name) : null;
        return digest === null ? [] : [[digest, name] as const];
      }),
    );
    return filesIn(this.#folder).flatMap(file => {
      const digest = `sha256:${file.replace(/\.image$/, "")}`;
      const size = DIGEST.test(digest) ? statSync(`${this.#folder}/${file}`, { throwIfNoEntry: false })?.size : undefined;
      const name = names.get(digest);
      return size === undefined ? [] : [{ ...(name !== undefined && { name }), digest, bytes: size }];
    });
  }

  /** Also removes every name that points to it. */
  remove(nameOrDigest: string): void {
    const digest = this.#digestOf(nameOrDigest);
    if (digest === null || !this.has(digest)) throw new UserMistake(`There is no image ${nameOrDigest} to remove; see "chronix image ls".`);
    for (const name of filesIn(`${this.#folder}/names`))
      if (NAME.test(name) && this.#digestOf(name) === digest) rmSync(this.#nameFileOf(name), { force: true });
    for (const path of [this.#fileOf(digest), this.#listOf(digest), `${this.#listOf(digest)}-checked`]) rmSync(path, { force: true });
  }

  #digestOf(nameOrDigest: string): string | null {
    if (DIGEST.test(nameOrDigest)) return nameOrDigest;
    const digest = NAME.test(nameOrDigest) ? readIfThere(this.#nameFileOf(nameOrDigest))?.toString("latin1").trim() : undefined;
    return digest !== undefined && DIGEST.test(digest) ? digest : null;
  }

  #fileOf(digest: string): string {
    return `${this.#folder}/${digest.slice("sha256:".length)}.image`;
  }

  #listOf(digest: string): string {
    return `${this.#folder}/lists/${digest.slice("sha256:".length)}`;
  }

  #nameFileOf(name: string): string {
    return `${this.#folder}/names/${name}`;
  }
}

function checkName(name: string): void {
  if (!NAME.test(name))
    throw new UserMistake(`An image cannot be named ${JSON.stringify(name)}; use up to 64 small letters, digits, dots, hyphens and underscores.`);
}

/** `name`: instead of the one it was made with. */
function checked(path: string, descriptor: number, digest: string, listPath: string, name: string | undefined): Image {
  let what = "is damaged";
  try {
    const image = isStored(descriptor) ? openStoredImage(path, descriptor, fstatSync(descriptor), listPath, name) : wholeImage(descriptor, listPath, name);
    if (image.digest === digest) return image;
  } catch (error) {
    if (error instanceof NotAnImage) what = error.message;
  }
  throw new UserMistake(`The image file ${path} ${what}; delete it and fetch the image again with "chronix image pull busybox".`);
}

function isStored(descriptor: number): boolean {
  const start = Buffer.alloc(12);
  return readSync(descriptor, start, 0, start.length, 0) === start.length && start.readUInt32LE(8) === STORED_VERSION;
}

/** Its checksum is looked at once: after that, where the file has changed. `markPath`: where it is kept of which file that was done. */
function wholeImage(descriptor: number, markPath: string, name: string | undefined): Image {
  try {
    const { size, mtimeMs, ino } = fstatSync(descriptor);
    const mark = [size, mtimeMs, ino].join();
    const isChecked = readIfThere(markPath)?.toString("latin1") === mark;
    const image = decodeImage(readFileSync(descriptor), isChecked);
    if (!isChecked) keepMark(markPath, mark);
    return name === undefined ? image : { ...image, name };
  } finally {
    closeSync(descriptor);
  }
}
function keepMark(path: string, mark: string): void {
  try {
    writeAtomically(path, [Buffer.from(mark)]);
  } catch {
    // A folder that cannot be written, or a full disk: the next run looks again.
  }
}

function openIfThere(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false }) ? openSync(path, "r") : null;
}

function readIfThere(path: string): Buffer | null {
  return statSync(path, { throwIfNoEntry: false }) ? readFileSync(path) : null;
}

function filesIn(folder: string): readonly string[] {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder).toSorted() : [];
}
