// Every case of the corpus on the Debian image inside Chronix, byte for byte as the same binaries did it on a real kernel (native.ts).
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Image } from "../../engine/loader/image.ts";
import { DEBIAN, pullDebian } from "../../guest-images/debian/debian.ts";
import manifest from "../../guest-images/debian/manifest.json" with { type: "json" };
import { ImageStore } from "../../guest-images/image-store.ts";
import { contentBytes } from "../../guest-images/stored-image.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";
import { outcomeOf, runInGuest } from "../corpus/guest.ts";
import { debianCorpus } from "./corpus.ts";

const store = new ImageStore();
const image = store.has(DEBIAN) ? store.open(DEBIAN) : await pulledOrNull();

async function pulledOrNull(): Promise<Image | null> {
  try {
    return await pullDebian({ store });
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    console.log(`The corpus is skipped: ${error.message}`);
    return null;
  }
}
/** Expectations are of the pinned versions: what others print may differ. */
function movedPackages(from: Image): readonly string[] {
  const status = Buffer.from(contentBytes(from.entries.find(({ path }) => path === "/var/lib/dpkg/status") ?? {})).toString("utf8");
  const versions = new Map([...status.matchAll(/^Package: (.*)$[\s\S]*?^Version: (.*)$/gm)].map(([, name, version]) => [name, version]));
  return manifest.filter(({ name, version }) => versions.get(name) !== version).map(({ name }) => name);
}
const moved = image ? movedPackages(image) : [];
if (moved.length > 0) console.log(`The image has other versions than the pinned ones of ${moved.join(", ")}.`);

for (const topic of debianCorpus.topics) {
  const test = suite(topic);
  for (const one of debianCorpus.cases.filter(({ name }) => name.startsWith(`${topic}/`))) {
    const name = one.name.slice(topic.length + 1);
    if (!image) {
      test.skip(name, () => {});
      continue;
    }
    test(name, () => {
      const run = runInGuest(image, one);
      assert.equal(outcomeOf(run), debianCorpus.expected(one), run.notes.join("\n"));
    });
  }
  test.run();
}
