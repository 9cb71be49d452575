// The Debian image for tests: fetched where it is missing; `null`, with the reason said, where it cannot be.
import type { Image } from "../../engine/loader/image.ts";
import { DEBIAN, pullDebian } from "../../guest-images/debian/debian.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";

export async function debianOrNull(): Promise<Image | null> {
  const store = new ImageStore();
  if (store.has(DEBIAN)) return store.open(DEBIAN);
  try {
    return await pullDebian({ store });
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    console.log(`What needs Debian is skipped: ${error.message}`);
    return null;
  }
}
