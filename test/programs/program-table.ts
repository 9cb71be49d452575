// Real programs that must do in Chronix what they do natively. A case compares standard output, standard error and status; what a program writes to files, it prints digests of.
import { debianCorpus } from "../debian/corpus.ts";
import { cProgram, javaScript } from "./generated-sources.ts";
import { generated, npmProgram, type Placing, source, text } from "./placing.ts";

export interface ProgramCase {
  readonly name: string;
  readonly what: string;
  /** Run as `/bin/sh -c SCRIPT` in a folder that holds the files. */
  readonly script: string;
  readonly files: Readonly<Record<string, Placing>>;
}

const esbuild = npmProgram("@esbuild/linux-x64/bin/esbuild");
const node = npmProgram("node/bin/node");
const big = generated(javaScript);
const selfSigned =
  "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key -out server.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost -days 9 2> /dev/null";
/** What its authors' build does, and the program's own tests; configure's and make's words say whether anything was decided otherwise. */
const built = (check: string): string => `cd source && ./configure 2>&1 && make 2>&1 && ${check}`;

export const programs: readonly ProgramCase[] = [
  {
    name: "node-eval",
    what: "Node's own binary: `node -e`",
    script: "./node -e 'console.log(process.version, [1, 2, 3].map(n => n ** n), await import(\"node:os\").then(os => os.type()))'; ./node -p 'process.argv0'",
    files: { node },
  },
  {
    name: "node-language",
    what: "Node with its JIT hot: workers, WebAssembly, zlib, crypto, child processes, streams, file watching",
    script: "./node language.mjs",
    files: { node, "language.mjs": text("language.mjs") },
  },
  {
    name: "node-server",
    what: "a Node server and its client: HTTP, TLS, HTTP/2, UDP, a Unix socket",
    script: `${selfSigned}; ./node server.mjs`,
    files: { node, "server.mjs": text("server.mjs") },
  },
  {
    name: "esbuild-1",
    what: "esbuild (Go) minifies 1.4 MB, GOMAXPROCS=1",
    script: "GOMAXPROCS=1 ./esbuild --minify --sourcemap --outfile=out.js big.js 2>&1 | sed 's/ in [0-9.]*m*s$//'; sha256sum out.js out.js.map",
    files: { esbuild, "big.js": big },
  },
  {
    name: "esbuild-4",
    what: "the same, GOMAXPROCS=4",
    script: "GOMAXPROCS=4 ./esbuild --minify --sourcemap --outfile=out.js big.js 2>&1 | sed 's/ in [0-9.]*m*s$//'; sha256sum out.js out.js.map",
    files: { esbuild, "big.js": big },
  },
  {
    name: "biome",
    what: "biome (Rust) formats 1.4 MB",
    script: "./biome format --files-max-size=10000000 --write --colors=off big.js 2>&1 | sed 's/ in [0-9.]*[mµ]*s\\././'; sha256sum big.js",
    files: { biome: npmProgram("@biomejs/cli-linux-x64/biome"), "big.js": big },
  },
  {
    name: "git",
    what: "git: commits, merge, rebase, gc, clones over a pipe, push with a hook, bisect, am",
    script: "bash git.sh",
    files: { "git.sh": text("git.sh") },
  },
  { name: "sqlite", what: "sqlite3 with a million rows", script: "sqlite3 -batch rows.db < rows.sql", files: { "rows.sql": text("rows.sql") } },
  {
    name: "gcc",
    what: "gcc compiles 5,000 lines of C, and what it made runs",
    script: "gcc -O1 -Wall -o program program.c -lm && sha256sum program && ./program",
    files: { "program.c": generated(cProgram) },
  },
  {
    name: "make-ed",
    what: "Debian's source of GNU ed: configure, make, make check",
    script: built("make check 2>&1 && printf 'a\\nhello\\n.\\n,n\\nQ\\n' | ./ed -s"),
    files: { source: source({ name: "ed", version: "1.19-1", sha256: "8e5c3e7c84972e73957ff396b8318a21795f86547dd1fe4ec4232a9e6e44ca1d" }) },
  },
  {
    name: "make-hello",
    what: "Debian's source of GNU hello: configure with gnulib, make",
    script: built("./hello && ./hello -g 'good day'"),
    files: { source: source({ name: "hello", version: "2.10-3", sha256: "31e066137a962676e89f69d1b65382de95a7ef7d914b8cb956f41ea72e0f516b" }) },
  },
  { name: "openssl", what: "openssl: a certificate authority, s_server and s_client", script: "bash tls.sh", files: { "tls.sh": text("tls.sh") } },
  {
    name: "xz",
    what: "xz of 20 MiB with two threads",
    script:
      'awk \'BEGIN { while (n < 20971520) { line = sprintf("%d %x %s", i, i * 2654435761 % 4294967296, i % 97 ? "row" : "----"); n += length(line) + 1; print line; i++ } }\' | head -c 20971520 > data; xz -1 -T2 -k -v data 2>&1 | grep -c data; xz -l --robot data.xz; sha256sum data.xz; xz -t data.xz && xz -dc -T2 data.xz | cmp - data && echo same',
    files: {},
  },
  {
    name: "python",
    what: "Python: threads, processes, subprocesses, asyncio, sqlite3, HTTP",
    script: "python3 mixed.py",
    files: { "mixed.py": text("mixed.py") },
  },
  ...debianCorpus.cases
    .filter(({ name }) => name.startsWith("scripts/"))
    .map(({ name, script, files }) => ({
      name: `script-${name.slice("scripts/".length).split(":")[0]}`,
      what: `a long script: ${name.slice("scripts/".length)}`,
      script,
      files: Object.fromEntries(Object.entries(files).map(([file, content]) => [file, generated(() => content)])),
    })),
];
