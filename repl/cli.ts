#!/usr/bin/env node
import { type Loaded, loadWithCode } from "./code-cache.ts";

// The command line: `run` and `record` with no options but the image and where the log goes take the short way; else the verb's row is found, and failures turned into one sentence and an exit status.
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
/** The work of a bundle, with the code that V8 made of it the last time. `grows`: see `loadWithCode`. */
async function through<Exports>(bundle: string, work: (exports: Exports) => Promise<void>, grows = false): Promise<never> {
  const { exports, keep }: Loaded<Exports> = loadWithCode(`${import.meta.dirname}/${bundle}`, grows);
  await work(exports);
  keep();
  // All output is written. To leave now spares the taking down of a heap that is dropped with the process.
  process.exit();
}
interface Plain {
  readonly program: readonly string[];
  readonly image?: string;
  readonly output?: string;
}
/** Where there is next to nothing to parse: everything after the program's name is its own. */
function plainly(): Plain | undefined {
  const given: { image?: string; output?: string } = {};
  let at = 0;
  for (; at + 1 < rest.length; at += 2) {
    if (rest[at] === "--image") given.image = rest[at + 1]!;
    else if (rest[at] === "-o" && verb === "record") given.output = rest[at + 1]!;
    else break;
  }
  const program = rest.slice(rest[at] === "--" ? at + 1 : at);
  return program.length > 0 && !program[0]!.startsWith("-") ? { ...given, program } : undefined;
}
if (isBuilt && (verb === "run" || verb === "record")) {
  const given = plainly();
  if (given) {
    const { program, output, ...options } = given;
    const grows = options.image !== undefined;
    if (verb === "run") await through<typeof import("./guest-run.ts")>("guest-run.cjs", ({ runGuest }) => runGuest(program, options), grows);
    else await through<typeof import("./guest-record.ts")>("guest-record.cjs", ({ recordGuest }) => recordGuest(program, output, options), grows);
  } else await through<typeof import("./guest-main.ts")>("guest-main.cjs", ({ main }) => main(process.argv));
} else {
  process.getBuiltinModule("node:module").enableCompileCache();
  const { main } = await import("./main.ts");
  await main(process.argv);
}
