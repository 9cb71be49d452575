// Every case of the corpus inside Chronix, byte for byte as the same binary did it on a real kernel (native.ts).
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { BUSYBOX, pullBusybox } from "../../guest-images/busybox.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";
import { outcomeOf, runInGuest } from "../corpus/guest.ts";
import { busyboxCorpus } from "./corpus.ts";

const store = new ImageStore();
const image = store.has(BUSYBOX) ? store.open(BUSYBOX) : await pulledOrNull();

async function pulledOrNull() {
  try {
    return await pullBusybox({ store });
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    console.log(`The corpus is skipped: ${error.message}`);
    return null;
  }
}

for (const topic of busyboxCorpus.topics) {
  const test = suite(topic);
  for (const one of busyboxCorpus.cases.filter(({ name }) => name.startsWith(`${topic}/`))) {
    const name = one.name.slice(topic.length + 1);
    if (!image) {
      test.skip(name, () => {});
      continue;
    }
    test(name, () => {
      const run = runInGuest(image, one);
      const notes = run.notes.filter(note => !note.startsWith("UNIMPLEMENTED SYSCALL"));
      assert.equal(outcomeOf(run), busyboxCorpus.expected(one), notes.join("\n"));
    });
  }
  test.run();
}
