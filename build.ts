// Builds what ships: dist/cli.js and dist/index.js (bundled, the REPL loaded only when asked for) and the interpreter's module.
import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { interpreterBytes } from "./engine/cpu/interpreter/interpreter.ts";

const out = join(import.meta.dirname, "dist");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

await build({
  entryPoints: { cli: "repl/cli.ts", index: "index.ts" },
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  outdir: out,
  minifySyntax: true,
  // Both are asked for only where they are there: a native accelerator, and React's developer tools.
  external: ["msgpackr-extract", "react-devtools-core"],
  // Libraries in CommonJS ask for Node's modules by `require`.
  banner: { js: 'import { createRequire as requirerOf } from "node:module"; const require = requirerOf(import.meta.url);' },
  sourcemap: true,
  logLevel: "warning",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
});
writeFileSync(join(out, "interpreter.wasm"), interpreterBytes());
chmodSync(join(out, "cli.js"), 0o755);
