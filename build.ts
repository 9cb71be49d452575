// Builds what ships, into dist/ or the folder that is named: cli.js and index.js (bundled, the REPL loaded only when asked for), `run` in one piece, and the interpreter's module.
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { serviceTables } from "./build/service-tables.ts";
import { buildHalves } from "./build/two-halves.ts";
import type { Row } from "./engine/abi/row.ts";
import { knownPlans } from "./engine/cpu/decode/known-plans.ts";
import { opcodeLines } from "./engine/cpu/decode/opcodes.ts";
import { hotNumbers, pairs } from "./engine/cpu/interpreter/hot.ts";
import { interpreterBytes } from "./engine/cpu/interpreter/module.ts";
import { crossingBytes } from "./engine/cpu/region/crossing-module.ts";
import { effectsOf } from "./engine/cpu/region/effects.ts";
import { factsAt, firstForms, rowNames } from "./engine/cpu/semantics/facts.ts";
import { allForms } from "./engine/cpu/semantics/forms.ts";
import { systemFiles } from "./engine/kernel/objects/system-files.ts";
import { vdsoImage } from "./engine/loader/vdso-image.ts";

const out = process.argv[2] ?? join(import.meta.dirname, "dist");
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const options: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node24",
  outdir: out,
  minifySyntax: true,
  // Both are asked for only where they are there: a native accelerator, and React's developer tools.
  external: ["msgpackr-extract", "react-devtools-core"],
  // Libraries in CommonJS ask for Node's modules by `require`.
  banner: { js: 'const require = globalThis.process.getBuiltinModule?.("node:module").createRequire(import.meta.url);' },
  sourcemap: true,
  logLevel: "warning",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"', "process.env.CHRONIX_BUILD": JSON.stringify(sourcesDigest()) },
};
/** Of what the bundles are made of: what one build has kept is nothing to another (repl/kept-code.ts). */
function sourcesDigest(): string {
  const hash = createHash("sha256");
  const add = (path: string) => hash.update(`${path}\n`).update(readFileSync(join(import.meta.dirname, path)));
  for (const file of ["build.ts", "index.ts", "package-lock.json"]) add(file);
  for (const folder of ["build", "engine", "events", "guest-images", "repl", "snapshots"])
    for (const path of readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: "utf8" }).sort())
      if (/\.tsx?$/.test(path)) add(join(folder, path));
  return hash.digest("hex").slice(0, 16);
}
/** Node makes the module of this name by asking `process` for all it has, which takes some 15 ms; the object is there without. */
const processIsThere: Plugin = {
  name: "process is there",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^node:process$/ }, () => ({ path: "process", namespace: "there" }));
    onLoad({ filter: /./, namespace: "there" }, () => ({
      contents: "export default globalThis.process; export const { cwd, env } = globalThis.process;",
      loader: "js",
    }));
  },
};
/** The files of rows of system calls, and what each exports. */
const rowsFolder = join(import.meta.dirname, "engine/abi/rows");
interface RowGroup {
  readonly file: string;
  readonly name: string;
  readonly rows: Readonly<Record<string, Row>>;
}
const rowGroups: readonly RowGroup[] = await Promise.all(
  readdirSync(rowsFolder).map(async file => {
    const exports = (await import(pathToFileURL(join(rowsFolder, file)).href)) as Readonly<Record<string, RowGroup["rows"]>>;
    const [[name, rows] = ["", {}], ...others] = Object.entries(exports).filter(([name]) => name.endsWith("Rows"));
    if (name === "" || others.length > 0) throw new Error(`engine/abi/rows/${file} is to export one table of rows, named by Rows at the end.`);
    return { file, name, rows };
  }),
);
/** The first that stands for itself in a string. */
const FIRST_CHARACTER = 32;
const effectsOfForms = effects();
/** What the bundles hold instead of these modules: data that they come to, and, where the whole module may be needed after all, a way to load it then: once, since to ask for it copies its exports. */
const replacements: Readonly<Record<string, string>> = {
  // What a row is, is read when the row is first met.
  "semantics/facts.ts": `const lines = ${JSON.stringify(rowNames.map((_, row) => JSON.stringify(factsAt(row))).join("\n"))}.split("\\n");
    export const rowNames = ${JSON.stringify(rowNames.join(" "))}.split(" "); export const firstForms = JSON.parse(${quoted(firstForms)});
    export const factsAt = row => JSON.parse(lines[row]); let whole; export const define = (...all) => (whole ??= require("./facts.ts?whole")).define(...all);`,
  "interpreter/hot.ts": `export const hotNumbers = JSON.parse(${quoted(hotNumbers)}); export const pairs = JSON.parse(${quoted(pairs)});`,
  "interpreter/module.ts": `export const interpreterBytes = () => require("./module.ts?whole").interpreterBytes();`,
  // Else a first region would run the definitions of all that it looks at.
  "region/effects.ts": `const kinds = [${effectsOfForms.kinds.join()}], of = ${JSON.stringify(effectsOfForms.byForm)};
    export const effectsOf = form => kinds[of.charCodeAt(form.number) - ${FIRST_CHARACTER}];`,
  "cpu/float-assists.ts": `let whole; export const floatAssist = name => (whole ??= require("./float-assists.ts?whole")).floatAssist(name);`,
  "cpu/disassembly.ts": `let whole; const there = () => (whole ??= require("./disassembly.ts?whole"));
    export const disassemble = (...all) => there().disassemble(...all); export const mnemonicOf = bytes => there().mnemonicOf(bytes);`,
  "region/crossing-module.ts": `export const crossingBytes = () => new Uint8Array(${JSON.stringify([...crossingBytes()])});`,
  "region/promotion.ts": `
    export const createCompiler = (...all) => require("./promotion.ts?whole").createCompiler(...all);
    export const relaxedRoundsOnce = () => require("./promotion.ts?whole").relaxedRoundsOnce();`,
  // Rows are made by groups, when a call of the group is first met.
  "abi/syscalls.ts": `const places = JSON.parse(${quoted(rowPlaces())});
    let numbers; const numberOf = name => (numbers ??= new Map(places.flatMap((place, number) => (place ? [[place[0], number]] : [])))).get(name);
    const groups = { ${rowGroups.map(({ file, name }) => `${name}: () => require("./rows/${file}?whole").${name}`).join(", ")} };
    const known = [];
    export const syscallByNumber = number => (places[number] ? (known[number] ??= [places[number][0], groups[places[number][1]]()[places[number][0]]]) : undefined);
    export const syscalls = new Proxy({}, {
      get: (_, name) => syscallByNumber(numberOf(name))?.[1], has: (_, name) => numberOf(name) !== undefined, ownKeys: () => places.flatMap(place => (place ? [place[0]] : [])),
      getOwnPropertyDescriptor: (_, name) => numberOf(name) !== undefined ? { value: syscalls[name], enumerable: true, configurable: true } : undefined,
    });`,
  "kernel/services.ts": await serviceTables(),
  "objects/system-files.ts": `const entries = ${quoted(systemFiles(0).map(entry => ({ ...entry, ...(entry.content && { content: Buffer.from(entry.content).toString() }) })))};
    const encoder = new TextEncoder();
    export const systemFiles = mtimeSeconds => JSON.parse(entries).map(({ content, ...entry }) =>
      content === undefined ? { ...entry, mtimeSeconds } : { ...entry, mtimeSeconds, content: encoder.encode(content) });`,
  "loader/vdso-image.ts": `export const vdsoImage = new Uint8Array(${JSON.stringify([...vdsoImage])});`,
  "decode/opcodes.ts": `export const opcodeLines = JSON.parse(${quoted(opcodeLines)});`,
};
/** What forms do, each kind once, and for each form a character whose place among them is its kind's. */
function effects(): { readonly kinds: readonly string[]; readonly byForm: string } {
  const all = allForms().map(form => JSON.stringify(effectsOf(form)));
  const kinds = [...new Set(all)];
  return { kinds, byForm: String.fromCharCode(...all.map(kind => FIRST_CHARACTER + kinds.indexOf(kind))) };
}
/** By number: the call's name, and the group that its row is in. */
function rowPlaces(): readonly (readonly [string, string] | null)[] {
  const places: (readonly [string, string] | null)[] = [];
  for (const { name: group, rows } of rowGroups) for (const [name, { number }] of Object.entries(rows)) places[number] = [name, group];
  return Array.from(places, place => place ?? null);
}
function quoted(data: unknown): string {
  return JSON.stringify(JSON.stringify(data));
}
const prebuilt: Plugin = {
  name: "prebuilt",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\?whole$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path.replace("?whole", "")), suffix: "?whole" }));
    onLoad({ filter: /engine[/\\].*\.ts$/ }, ({ path, suffix }) => {
      const contents = suffix === "" ? replacements[path.split(sep).slice(-2).join("/")] : undefined;
      return contents === undefined ? undefined : { contents, loader: "js", resolveDir: dirname(path) };
    });
  },
};
/** The functions of these modules of Node's load them when they are first called. */
const lazily = (modules: RegExp): Plugin => ({
  name: "lazily",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: modules }, ({ path }) => ({ path, namespace: "lazily", sideEffects: false }));
    onLoad({ filter: /./, namespace: "lazily" }, async ({ path }) => {
      const exports: Readonly<Record<string, unknown>> = await import(path);
      const names = Object.keys(exports).filter(name => typeof exports[name] === "function" && /^[a-z]/.test(name) && name !== "default");
      const lines = names.map(name => `export const ${name} = (...all) => (there ??= process.getBuiltinModule(${JSON.stringify(path)})).${name}(...all);`);
      return { contents: ["let there;", ...lines, `export default { ${names.join(", ")} };`].join("\n"), loader: "js" };
    });
  },
});
/** A usual run needs little of them, and loading takes long: streams (zlib, v8) 4 ms, crypto 8 ms. */
const SELDOM = /^node:(crypto|os|v8|zlib)$/;
/** A run reads an image, and writes none. */
const unpackingAlone: Plugin = {
  name: "unpacking alone",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^msgpackr$/ }, () => ({ path: "msgpackr", namespace: "unpacking" }));
    onLoad({ filter: /./, namespace: "unpacking" }, () => ({
      contents: `export { Unpackr } from "./unpack.js";
        export function Packr(...all) { let packr; this.pack = what => (packr ??= new (require("./pack.js").Packr)(...all)).pack(what); }`,
      resolveDir: dirname(fileURLToPath(import.meta.resolve("msgpackr"))),
      loader: "js",
    }));
  },
};
/** What these export is a command's work, each in one file with its own copy of all that it needs: one file loads faster than twenty chunks. */
const apart: Readonly<Record<string, { readonly name: string; readonly plugins: Plugin[] }>> = {
  "guest-run": { name: "runGuest", plugins: [prebuilt, lazily(SELDOM), unpackingAlone] },
  "guest-record": { name: "recordGuest", plugins: [prebuilt, lazily(/^node:(os|v8)$/)] },
};
const commandsAreApart: Plugin = {
  name: "commands are apart",
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/code-cache\.cjs$/ }, () => ({ path: "./code-cache.cjs", external: true }));
    for (const [file, { name }] of Object.entries(apart))
      onLoad({ filter: new RegExp(`repl[/\\\\]${file}\\.ts$`) }, () => ({
        contents: `export async function ${name}(...all) {
          const { exports, keep } = require("./code-cache.cjs").loadWithCode(import.meta.dirname + "/${file}.cjs", true);
          await exports.${name}(...all);
          keep();
        }`,
        loader: "js",
      }));
  },
};
await build({ ...options, entryPoints: { main: "repl/main.ts", index: "index.ts" }, splitting: true, plugins: [commandsAreApart, prebuilt, processIsThere] });
/** The first file is one file. */
const mainIsApart: Plugin = {
  name: "main is apart",
  setup({ onResolve }) {
    onResolve({ filter: /\/main\.ts$/ }, () => ({ path: "./main.js", external: true }));
  },
};
await build({ ...options, entryPoints: { cli: "repl/cli.ts" }, banner: {}, plugins: [mainIsApart, lazily(/^node:/)] });
// In CommonJS: an import of node:fs as a module loads all of Node's streams, 5 ms.
const commonJs: BuildOptions = {
  ...options,
  format: "cjs",
  outExtension: { ".js": ".cjs" },
  define: { ...options.define, "import.meta.dirname": "__dirname" },
};
await build({ ...commonJs, entryPoints: { "code-cache": "repl/code-cache.ts", "gather-regions": "repl/gather-regions.ts" }, banner: {} });
// An expression, the function that CommonJS makes of a module: so repl/code-cache.ts need not put it around a megabyte of text.
const parsing = { "guest-main": { plugins: [commandsAreApart, processIsThere, lazily(/^node:child_process$/)] } };
/** Rows of calls that every program makes, and what writes down what a run has left. */
const USUAL = /\/rows\/(file|memory|path|poll|process|signal|system|time)\.ts|\/msgpackr\//;
/**
 * Node gives V8 a text of so many letters as it lies, outside of V8's heap. A shorter one would be copied into the young generation, which has a mebibyte at first, and fill most of it: a collection would come sooner.
 */
const LONG_TEXT = 2 ** 20;
const inOnePiece: BuildOptions = {
  ...commonJs,
  banner: { js: "(function (exports, require, module, __filename, __dirname) {" },
  footer: { js: "})" },
  minify: true,
};
for (const [file, { plugins }] of Object.entries(parsing)) await build({ ...inOnePiece, entryPoints: { [file]: `repl/${file}.ts` }, plugins });
for (const [file, { plugins }] of Object.entries(apart))
  await buildHalves({ file, options: { ...inOnePiece, plugins }, isSeldom: module => !USUAL.test(module) });
for (const file of Object.keys(apart)) {
  const path = join(out, `${file}.cjs`);
  writeFileSync(path, readFileSync(path, "latin1").padEnd(LONG_TEXT), "latin1");
}
writeFileSync(join(out, "interpreter.wasm"), interpreterBytes(knownPlans()));
chmodSync(join(out, "cli.js"), 0o755);
