#!/usr/bin/env node
import { type Loaded, loadWithCode } from "./code-cache.ts";

// The command line: `run` without options, and `record` with none but where the log goes, take the short way; else the verb's row is found, and failures turned into one sentence and an exit status.
// All that it imports is bundled into it (build.ts), and Node's own modules are asked for by name: even node:fs, imported as a module, loads all of Node's streams, 4 ms.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  process.stderr.write(
    `chronix: Node.js 24 or newer is needed, this is ${process.versions.node}; install a newer one, or use the one that npm ci brings to a clone.\n`,
  );
  process.exit(125);
}
// React's checks for developers cost half of a frame.
const { env } = process;
env.NODE_ENV ??= "production";
// msgpackr's native helper speeds up long texts, of which logs and images have few; finding and loading it costs every start 15 ms.
env.MSGPACKR_NATIVE_ACCELERATION_DISABLED ??= "true";

const isBuilt = import.meta.filename.endsWith(".js");
const [, , verb, ...rest] = process.argv;
/** The work of a bundle, with the code that V8 made of it the last time. */
async function through<Exports>(bundle: string, work: (exports: Exports) => Promise<void>): Promise<never> {
  const { exports, keep }: Loaded<Exports> = loadWithCode(`${import.meta.dirname}/${bundle}`);
  await work(exports);
  keep();
  // All output is written. To leave now spares the taking down of a heap that is dropped with the process.
  process.exit();
}
/** Where there is nothing to parse: everything after the program's name is its own. */
function plainly(): { readonly program: readonly string[]; readonly output?: string } | undefined {
  const [first, output] = rest;
  const given = verb === "record" && first === "-o" && output !== undefined ? { program: rest.slice(2), output } : { program: rest };
  return given.program.length > 0 && !given.program[0]!.startsWith("-") ? given : undefined;
}
if (isBuilt && (verb === "run" || verb === "record")) {
  const given = plainly();
  if (!given) await through<typeof import("./guest-main.ts")>("guest-main.cjs", ({ main }) => main(process.argv));
  else if (verb === "run") await through<typeof import("./guest-run.ts")>("guest-run.cjs", ({ runGuest }) => runGuest(given.program));
  else await through<typeof import("./guest-record.ts")>("guest-record.cjs", ({ recordGuest }) => recordGuest(given.program, given.output));
} else {
  process.getBuiltinModule("node:module").enableCompileCache();
  const { main } = await import("./main.ts");
  await main(process.argv);
}
