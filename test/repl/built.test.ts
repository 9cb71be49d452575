// The built command's short way, in a folder of its own: `run` without options, with the code that V8 keeps.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const root = join(import.meta.dirname, "../..");
// Beside guest-images/, where the bundle looks for the embedded image.
const dist = mkdtempSync(join(root, "built-"));
const home = mkdtempSync(join(tmpdir(), "chronix-built-"));
const code = join(home, "code");

/** Milliseconds. */
const LONG = 3000;

function chronix(...words: readonly string[]): { readonly out: string; readonly err: string; readonly status: number | null } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(dist, "cli.js"), ...words], {
    env: { ...process.env, CHRONIX_HOME: home },
    input: "",
    encoding: "utf8",
  });
  return { out: stdout, err: stderr, status };
}

/** Those of folders in it are of compiled regions: kept-regions.test.ts. */
const filesIn = (folder: string): readonly string[] => readdirSync(folder, { withFileTypes: true }).flatMap(entry => (entry.isFile() ? [entry.name] : []));

const built = suite("the built command");
built.before(() => {
  execFileSync(process.execPath, [join(root, "build.ts"), dist], { cwd: root });
});
built.after(() => {
  rmSync(dist, { recursive: true });
  rmSync(home, { recursive: true });
});
built("run without options prints and ends as with them", () => {
  const [short, long] = [chronix("run", "crash"), chronix("run", "--seed", "1", "crash")];
  assert.is(short.status, 139);
  assert.match(short.out, /Ada is 60/);
  assert.equal(short, long);
});
built("a failure is one sentence and status 125", () => {
  const { err, status } = chronix("run", "nosuch");
  assert.match(err, /^chronix: \/bin\/nosuch cannot be started in image demo: .*\n$/);
  assert.is(status, 125);
});
built("the code is kept once, and made anew where it is damaged", () => {
  // That of the runs above: what runs a guest, apart for those with options, what parses these, the interpreter, and V8's own functions.
  const made = ["guest-run.cjs", "guest-main.cjs", "interpreter.wasm", basename(process.execPath)];
  const names = filesIn(code);
  assert.equal(names.map(name => made.findIndex(file => name.startsWith(`${file}-`))).toSorted(), [0, 0, 1, 2, 3]);
  for (const name of names) {
    const file = join(code, name);
    const whole = readFileSync(file);
    assert.is(chronix("run", "hello").status, 0);
    assert.equal(readFileSync(file), whole);
    writeFileSync(file, whole.fill(0x55, whole.length >> 1));
    for (const options of [[], ["--seed", "1"]]) {
      const { out, status } = chronix("run", ...options, "hello");
      assert.match(out, /Hello/);
      assert.is(status, 0);
    }
    assert.not.equal(readFileSync(file).subarray(-100), whole.subarray(-100));
  }
});
built("what few runs need lies apart, and is loaded when one does", () => {
  const isRest = (name: string): boolean => name.endsWith("-rest");
  assert.equal(filesIn(code).filter(isRest), []);
  const [plain, compiled] = [chronix("run", "hello"), chronix("run", "--tier", "compiled", "hello")];
  assert.equal(compiled, plain);
  assert.is(filesIn(code).filter(isRest).length, 1);
});
built("whatever the halves of a bundle ask of one another is there, and not empty", () => {
  for (const bundle of ["guest-run", "guest-record"]) {
    const program = `const { loadWithCode } = require("./code-cache.cjs");
      const { exports: first } = loadWithCode(__dirname + "/${bundle}.cjs");
      const rest = { exports: {} };
      const half = eval(require("node:fs").readFileSync(__dirname + "/${bundle}-rest.cjs", "utf8"));
      half(rest.exports, name => (name.startsWith("first:") ? first.modules[name.slice("first:".length)]() : require(name)), rest, "", __dirname);
      const modules = Object.values(rest.exports.modules);
      console.log(modules.filter(module => Object.keys(module()).length === 0).length, modules.length > 20);`;
    const path = join(dist, "halves.cjs");
    writeFileSync(path, program);
    assert.is(execFileSync(process.execPath, [path], { encoding: "utf8" }), "0 true\n");
  }
});
built("a run that is longer than the one that made the code makes it anew", () => {
  const file = join(code, readdirSync(code).find(name => name.endsWith("-any"))!);
  const made = (): number => readFileSync(file).readUInt32LE(4);
  const bytes = readFileSync(file);
  const madeIn = (milliseconds: number): void => {
    bytes.writeUInt32LE(milliseconds, 4);
    writeFileSync(file, bytes);
    assert.is(chronix("run", "--seed", "1", "hello").status, 0);
  };
  madeIn(LONG - 1);
  assert.equal(readFileSync(file), bytes);
  madeIn(1);
  assert.ok(made() > 1);
});
built("so does a short one, where a long one made it, in which V8 dropped what a start needs", () => {
  const made = (name: string): number => readFileSync(join(code, name)).readUInt32LE(4);
  for (const [name, ...words] of [["guest-run.cjs"], ["-any", "--seed", "1"]] as const) {
    const whole = filesIn(code).find(file => file.includes(name) && file.endsWith("-any") === (name === "-any"))!;
    const bytes = readFileSync(join(code, whole));
    bytes.writeUInt32LE(LONG, 4);
    writeFileSync(join(code, whole), bytes);
    assert.is(chronix("run", ...words, "hello").status, 0);
    assert.ok(made(whole) < LONG);
  }
});
built("runs under other flags of V8 keep code of their own", () => {
  const before = filesIn(code).map(name => [name, readFileSync(join(code, name))] as const);
  const words = ["--expose-gc", join(dist, "cli.js"), "run", "hello"];
  for (let i = 0; i < 2; i++) assert.is(spawnSync(process.execPath, words, { env: { ...process.env, CHRONIX_HOME: home } }).status, 0);
  for (const [name, bytes] of before) assert.equal(readFileSync(join(code, name)), bytes);
  assert.is(filesIn(code).length, before.length + 3);
});
built("a recording whose log's place alone is given goes as short a way, to the same log", () => {
  const logs = ["short", "long"].map(name => join(home, `${name}.chronix`));
  const [short, long] = [chronix("record", "-o", logs[0]!, "crash"), chronix("record", "--seed", "1", "-o", logs[1]!, "crash")];
  assert.is(short.status, 139);
  assert.equal(short, long);
  assert.equal(readFileSync(logs[0]!), readFileSync(logs[1]!));
  // That of runs with options is apart.
  const names = filesIn(code).filter(name => name.startsWith("guest-record.cjs-"));
  assert.equal(names.map(name => name.endsWith("-any")).toSorted(), [false, true]);
  assert.is(chronix("record", "-o", join(home, "none.chronix")).status, 0, "without a program it is the image's own");
});
built("an image goes as short a way, and two dashes", () => {
  assert.equal(chronix("run", "--", "hello"), chronix("run", "hello"));
  const known = readdirSync(code);
  const [short, long] = [[], ["--seed", "1"]].map(more => chronix("run", "--image", "nosuch", ...more, "--", "hello"));
  assert.is(short!.status, 125);
  assert.match(short!.err, /no image nosuch/);
  assert.equal(short, long);
  assert.equal(readdirSync(code), known);
  assert.is(chronix("run", "--image").status, 2);
});
built("bundles are long enough for V8 to read them as they lie", () => {
  // EXTERN_APEX in Node's src/string_bytes.cc.
  for (const bundle of ["guest-run", "guest-record"]) assert.ok(statSync(join(dist, `${bundle}.cjs`)).size > 0xfbee9);
});
built("the library runs", () => {
  const program = `import { bootSource, demoImage, Session } from ${JSON.stringify(join(dist, "index.js"))};
    const session = Session.boot(bootSource({ image: demoImage(), argv: ["/bin/hello"] }));
    session.runToEnd();
    console.log(session.position.seq > 0);`;
  assert.is(execFileSync(process.execPath, ["--input-type=module", "-e", program], { encoding: "utf8" }), "true\n");
});
built("a home that cannot be written hinders nothing", () => {
  rmSync(code, { recursive: true });
  writeFileSync(code, "");
  assert.is(chronix("run", "hello").status, 0);
});
built.run();
