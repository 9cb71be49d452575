// Every case of the corpus on the Debian image inside Chronix, byte for byte as the same binaries did it on a real kernel (native.ts).
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Image } from "../../engine/loader/image.ts";
import manifest from "../../guest-images/debian/manifest.json" with { type: "json" };
import { contentBytes } from "../../guest-images/stored-image.ts";
import { outcomeOf, runInGuest } from "../corpus/guest.ts";
import { debianCorpus } from "./corpus.ts";
import { debianOrNull } from "./image.ts";

const image = await debianOrNull();

/** Expectations are of the pinned versions: what others print may differ. */
function movedPackages(from: Image): readonly string[] {
  const status = Buffer.from(contentBytes(from.entries.find(({ path }) => path === "/var/lib/dpkg/status") ?? {})).toString("utf8");
  const versions = new Map([...status.matchAll(/^Package: (.*)$[\s\S]*?^Version: (.*)$/gm)].map(([, name, version]) => [name, version]));
  return manifest.filter(({ name, version }) => versions.get(name) !== version).map(({ name }) => name);
}
const moved = image ? movedPackages(image) : [];
if (moved.length > 0) console.log(`The image has other versions than the pinned ones of ${moved.join(", ")}.`);

/** Programs that an image pulled before has not; where it lacks one, the topic is skipped. */
const LATER: Readonly<Record<string, string>> = { tracing: "strace" };

for (const topic of debianCorpus.topics) {
  const lacking = moved.find(name => name === LATER[topic]);
  if (lacking) console.log(`${topic} is skipped: the image has no ${lacking}; "chronix image rm debian" and "chronix image pull debian" bring it.`);
  const test = suite(topic);
  for (const one of debianCorpus.cases.filter(({ name }) => name.startsWith(`${topic}/`))) {
    const name = one.name.slice(topic.length + 1);
    if (!image || lacking) {
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
