// What Debian's maintainer scripts would do, done by running what matters of them in the guest itself.
import type { Image } from "../../engine/loader/image.ts";
import type { ImageWriter } from "../stored-image.ts";

export function configured(image: Image, _writer: ImageWriter, _onProgress: (sentence: string) => void): Image {
  return image;
}
