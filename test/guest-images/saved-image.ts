// An image in a store, with its contents in the image's file; and the same without a list to look one file up in, so that a boot has all of them from the start.
import { type Image, type ImageEntry, makeImage } from "../../guest-images/image.ts";
import type { ImageStore } from "../../guest-images/image-store.ts";

export function saved(store: ImageStore, image: Image): Image {
  const writer = store.writer();
  const entries = image.entries.map(({ content, ...entry }): ImageEntry => (content ? { ...entry, stored: writer.store(content) } : entry));
  store.saveWritten(writer, makeImage(image.name, entries, image.config));
  return store.open(image.name);
}
export const unlisted = ({ name, digest, config, entries, contents, pieces }: Image): Image => ({
  name,
  digest,
  config,
  entries,
  ...(contents && { contents }),
  ...(pieces && { pieces }),
});
