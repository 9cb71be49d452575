// Runs cases of a corpus with the image's own binaries on the host's kernel, in a chroot made from the image on a tmpfs, and compares with, or under UPDATE=1
// rewrites, the committed expectations. Needs root on Linux x86-64: CI compares without it.
import { spawn } from "node:child_process";
import { chmodSync, lutimesSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import type { Image } from "../../engine/loader/image.ts";
import { CASE_FOLDER, CASE_SECONDS, type Case, type Corpus, type Outcome } from "./corpus.ts";
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
  const environment = [...Object.entries(image.config.environment).map(([name, value]) => `${name}=${value}`), ...more];
  const enter = `hostname chronix; exec chroot ${root} /bin/sh -c 'cd ${CASE_FOLDER} && umask 022 && exec env -i "$@"' sh "$@"`;
  const command = ["unshare", "--uts", "sh", "-c", enter, "sh", ...environment, "/bin/sh", "-c", wanted.script];
  // Node gives a child sockets, which cannot be opened through /dev/stdout: the guest gets pipes. The shell that makes them is the guest's parent and stays,
  // since the processes at their other ends are its children: were they the guest's own, its `wait` would wait for them. What it says of a killed guest is dropped.
  const withPipes = 'exec 3>&2 2>/dev/null; exec < <(cat) > >(cat) 4> >(cat >&3); "$@" 2>&4 3>&- 4>&-; exit $?';
  const child = spawn("bash", ["-c", withPipes, "bash", ...command], { detached: true });
  child.stdin.on("error", () => {
    // The script need not read its input.
  });
  child.stdin.end(wanted.stdin);
  return outcomeOf(child, wanted, timeoutMillis);
}

function outcomeOf(child: ReturnType<typeof spawn>, { name }: Case, timeoutMillis: number): Promise<Outcome> {
  const streams = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream]?.setEncoding("latin1").on("data", (chunk: string) => {
      streams[stream] += chunk;
    });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
      reject(new Error(`${name} did not end within ${timeoutMillis} ms.`));
    }, timeoutMillis);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ ...streams, status: code ?? 128 + (signal ? constants.signals[signal] : 0) });
    });
  });
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
