// Runs test/guests/limits.c once, recorded into a file as users record, in a process of its own: so that what the host's process takes can be measured.
// node limits-run.ts ELF MEMORY_BYTES LOG WORD…
import { readFileSync } from "node:fs";
import type { ImageEntry } from "../../engine/loader/image.ts";
import { baseRoot, ROOT_ENVIRONMENT } from "../../guest-images/base-root.ts";
import { makeImage } from "../../guest-images/image.ts";
import { bootSource } from "../../snapshots/boot-source.ts";
import { Session } from "../../snapshots/session.ts";

export interface LimitsRun {
  readonly output: string;
  /** The wait status; -1 where everybody slept for ever. */
  readonly status: number;
  readonly events: number;
  readonly peakBytes: number;
}

const [elf = "", memoryBytes = "", path = "", ...words] = process.argv.slice(2);
const guest: ImageEntry = { path: "/bin/limits", kind: "file", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 0, content: new Uint8Array(readFileSync(elf)) };
const image = makeImage("limits", [...baseRoot({ system: "limits", mtimeSeconds: 0 }), guest], {
  entrypoint: [guest.path],
  environment: ROOT_ENVIRONMENT,
  workingDirectory: "/tmp",
  user: { uid: 0, gid: 0 },
});
let output = "";
const session = Session.boot(bootSource({ image, argv: [guest.path, ...words], memoryBytes: Number(memoryBytes) }), {
  path,
  output: (_, bytes) => {
    output += Buffer.from(bytes).toString("latin1");
  },
});
const status = session.runToEnd() ?? -1;
const run: LimitsRun = { output, status, events: session.length, peakBytes: process.resourceUsage().maxRSS * 1024 };
session.close();
console.log(JSON.stringify(run));
