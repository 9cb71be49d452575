#!/usr/bin/env node
import { enableCompileCache } from "node:module";

// The command line: finds the verb's row, turns failures into one sentence and an exit status.
const [major = 0] = process.versions.node.split(".").map(Number);
if (major < 24) {
  process.stderr.write(
    `chronix: Node.js 24 or newer is needed, this is ${process.versions.node}; install a newer one, or use the one that npm ci brings to a clone.\n`,
  );
  process.exit(125);
}
enableCompileCache();
// React's checks for developers cost half of a frame.
const { env } = process;
env.NODE_ENV ??= "production";
// msgpackr's native helper speeds up long texts, of which logs and images have few; finding and loading it costs every start 15 ms.
env.MSGPACKR_NATIVE_ACCELERATION_DISABLED ??= "true";
const { main } = await import("./main.ts");
await main(process.argv);
