// Runs one case of the corpus inside Chronix, as native.ts runs it on the host.
import type { Mount } from "../../engine/boot.ts";
import type { Image, ImageEntry } from "../../engine/loader/image.ts";
import { entriesDigest } from "../../guest-images/digest.ts";
import { canonicalEntries } from "../../guest-images/image.ts";
import { exitStatusOf } from "../../repl/wait-status.ts";
import { type GuestRun, type HeadlessRequest, runGuest } from "../headless.ts";
import { CASE_FOLDER, CASE_SECONDS, type Case, type Outcome } from "./corpus.ts";

/** A case that needs more has gone astray: the longest takes a tenth of it. */
const MOST_TICKS = 3_000_000_000;

export function caseRequest(image: Image, { script, stdin, files }: Case): HeadlessRequest {
  return {
    image,
    argv: ["/bin/sh", "-c", script],
    stdin: Buffer.from(stdin, "utf8"),
    mounts: [caseFolder(files)],
    workingDirectory: CASE_FOLDER,
    mostTicks: MOST_TICKS,
  };
}

/** Status -1 stands for a guest that never ended. */
export function outcomeOf({ stdout, stderr, status }: GuestRun): Outcome {
  const binary = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
  return { stdout: binary(stdout), stderr: binary(stderr), status: status === undefined ? -1 : exitStatusOf(status) };
}

export const runInGuest = (image: Image, wanted: Case): GuestRun => runGuest(caseRequest(image, wanted));

function caseFolder(files: Case["files"]): Mount {
  const owned = { uid: 0, gid: 0, mtimeSeconds: CASE_SECONDS };
  const encoder = new TextEncoder();
  const entries = canonicalEntries([
    { path: "/", kind: "directory", mode: 0o755, ...owned },
    ...Object.entries(files).map(([name, text]): ImageEntry => ({ path: `/${name}`, kind: "file", mode: 0o644, ...owned, content: encoder.encode(text) })),
  ]);
  return { path: CASE_FOLDER, digest: entriesDigest(entries), isReadOnly: false, entries };
}
