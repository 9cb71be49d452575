// Runs cases of a corpus with the image's own binaries on the host's kernel, in a chroot made from the image on a tmpfs, and compares with, or under UPDATE=1
// rewrites, the committed expectations. Needs root on Linux x86-64: CI compares without it.
import { chmodSync, lutimesSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Image } from "../../engine/loader/image.ts";
import { CASE_FOLDER, CASE_SECONDS, type Case, type Corpus, type Outcome } from "./corpus.ts";
import { runInRoot } from "./native-process.ts";
import { withNativeRoot } from "./native-root.ts";

const TIMEOUT_MILLIS = 20_000;

function prepareFolders(root: string, { files }: Case): void {
  for (const folder of ["tmp", "var/tmp", CASE_FOLDER]) {
    rmSync(join(root, folder), { recursive: true, force: true });
    mkdirSync(join(root, folder));
    chmodSync(join(root, folder), folder === CASE_FOLDER ? 0o755 : 0o1777);
  }
  for (const [name, text] of Object.entries(files)) {
    const at = join(root, CASE_FOLDER, name);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, text);
    lutimesSync(at, CASE_SECONDS, CASE_SECONDS);
  }
}

export function runNatively(image: Image, root: string, wanted: Case, more: readonly string[] = [], timeoutMillis = TIMEOUT_MILLIS): Promise<Outcome> {
  prepareFolders(root, wanted);
  return runInRoot(root, image, { ...wanted, variables: more, timeoutMillis });
}

async function nativeOutcomes(image: Image, wanted: readonly Case[]): Promise<Map<string, Outcome>> {
  return await withNativeRoot(image, async root => {
    const outcomes = new Map<string, Outcome>();
    for (const one of wanted) outcomes.set(one.name, await runNatively(image, root, one));
    return outcomes;
  });
}

/** `words` choose cases by name; none, all. */
export async function checkNatively(corpus: Corpus, image: Image, words: readonly string[]): Promise<void> {
  const { cases } = corpus;
  const wanted = cases.filter(({ name }) => words.length === 0 || words.some(word => name.includes(word)));
  const outcomes = await nativeOutcomes(image, wanted);
  if (process.env.UPDATE) {
    corpus.write(new Map(cases.flatMap(({ name }) => [[name, outcomes.get(name) ?? corpus.expectation(name)] as const]).filter(isKnown)));
    console.log(`${outcomes.size} expectations written`);
    return;
  }
  const differing = wanted.filter(one => JSON.stringify(outcomes.get(one.name)) !== JSON.stringify(corpus.expected(one)));
  for (const one of differing)
    console.log(`${one.name}\n  expected ${JSON.stringify(corpus.expected(one))}\n  natively ${JSON.stringify(outcomes.get(one.name))}`);
  console.log(`${wanted.length - differing.length} of ${wanted.length} as expected`);
  process.exitCode = differing.length === 0 ? 0 : 1;
}
const isKnown = (pair: readonly [string, Outcome | undefined]): pair is readonly [string, Outcome] => pair[1] !== undefined;
