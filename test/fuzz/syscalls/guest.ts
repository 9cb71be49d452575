// The machine that is fuzzed: our guest and its table, copies of two host folders, and sizes that follow from the seed.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "../../../engine/boot.ts";
import type { ImageEntry } from "../../../engine/loader/image.ts";
import { baseRoot, ROOT_ENVIRONMENT } from "../../../guest-images/base-root.ts";
import { entriesDigest } from "../../../guest-images/digest.ts";
import { canonicalEntries, makeImage } from "../../../guest-images/image.ts";
import { randomOf } from "../../events/sample-events.ts";
import { inputsOf } from "../../headless.ts";
import type { Guest } from "../../laws/guests.ts";
import { callTable } from "./table.ts";

export interface Size {
  readonly generations: number;
  readonly workers: number;
  /** Of each worker in a generation. */
  readonly calls: number;
}
const owned = { uid: 0, gid: 0, mtimeSeconds: 1_767_225_600 };
const text = (path: string, content: string, mode = 0o644): ImageEntry => ({ path, kind: "file", mode, ...owned, content: Buffer.from(content) });
const link = (path: string, target: string): ImageEntry => ({ path, kind: "symlink", mode: 0o777, ...owned, target });

function image() {
  const guest: ImageEntry = {
    path: "/bin/fuzz",
    kind: "file",
    mode: 0o755,
    ...owned,
    content: new Uint8Array(readFileSync(join(import.meta.dirname, "guest.elf"))),
  };
  const calls: ImageEntry = { path: "/calls", kind: "file", mode: 0o644, ...owned, content: callTable() };
  const base = baseRoot({ system: "The machine of the fuzzer", mtimeSeconds: owned.mtimeSeconds });
  return makeImage("fuzz", [...base, guest, calls, text("/bin/script", "#!/bin/fuzz word\n", 0o755)], {
    entrypoint: [guest.path],
    environment: ROOT_ENVIRONMENT,
    workingDirectory: "/tmp",
    user: { uid: 0, gid: 0 },
  });
}
/** As `--mount` would copy it, with links that lead out of it. */
function mount(path: string, isReadOnly: boolean): Mount {
  const entries = canonicalEntries([
    { path: "/", kind: "directory", mode: 0o755, ...owned },
    text("/inside", "what was mounted\n"),
    link("/out", "/etc/passwd"),
    link("/up", "../../../.."),
  ]);
  return { path, entries, digest: entriesDigest(entries), isReadOnly };
}

const IMAGE = image();
const MOUNTS: readonly Mount[] = [mount("/mnt/host", false), mount("/mnt/read-only", true)];
const QUANTA: readonly number[] = [2000, 20_000, 200_000];
const MEMORY_BYTES = 2 ** 27;

export function fuzzGuest(seed: number, { generations, workers, calls }: Size): Guest {
  const random = randomOf(seed);
  return {
    name: `seed ${seed}`,
    request: {
      image: IMAGE,
      mounts: MOUNTS,
      argv: ["/bin/fuzz", "supervise", ...[seed, generations, workers, calls].map(String)],
      standard: random(2) ? ["terminal", "terminal", "terminal"] : ["pipe", "pipe", "pipe"],
      quantumTicks: QUANTA[random(QUANTA.length)]!,
      memoryBytes: MEMORY_BYTES,
      seed,
    },
    inputs: [...inputsOf()],
  };
}
