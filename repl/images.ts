// Which image a command means: the named one, or by default BusyBox where it has been fetched, else the embedded one.
import type { Image } from "../engine/loader/image.ts";
import { DEMO, demoImage } from "../guest-images/demo.ts";
import { BUSYBOX, ImageStore } from "../guest-images/image-store.ts";
import { UserMistake } from "../guest-images/user-mistake.ts";

export function openImage(nameOrDigest: string): Image {
  const demo = nameOrDigest === DEMO || nameOrDigest.startsWith("sha256:") ? demoImage() : undefined;
  if (demo && (nameOrDigest === DEMO || demo.digest === nameOrDigest)) return demo;
  return new ImageStore().open(nameOrDigest);
}
export function defaultImage(): Image {
  return new ImageStore().find(BUSYBOX) ?? demoImage();
}
/** Fetches BusyBox where it is missing; says in one sentence why it cannot. */
export async function ensureDefaultImage(tell: (sentence: string) => void): Promise<Image> {
  const store = new ImageStore();
  if (store.has(BUSYBOX)) return store.open(BUSYBOX);
  try {
    // Loaded only where it is needed: unpacking takes libraries that every start would pay for.
    const { pullBusybox } = await import("../guest-images/busybox.ts");
    return await pullBusybox({ onProgress: tell, store });
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    tell(error.message);
    return demoImage();
  }
}
