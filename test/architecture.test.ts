// Who may import whom, and what the engine must not know. Reads the sources; a rule that is broken names the file and the line.
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = ["events", "engine", "snapshots", "guest-images", "repl"] as const;

interface Import {
  readonly file: string;
  /** A path from the root where it is one of ours, else a package's name or `node:…`. */
  readonly target: string;
  readonly isType: boolean;
}
const packageOf = (name: string): string => (name.startsWith("node:") ? name : name.split("/", name.startsWith("@") ? 2 : 1).join("/"));
const files: readonly string[] = globSync([...FOLDERS.map(folder => `${folder}/**/*.{ts,tsx}`), "index.ts"], { cwd: ROOT }).toSorted();
const texts = new Map(files.map(file => [file, readFileSync(join(ROOT, file), "utf8")]));
const imports: readonly Import[] = [...texts].flatMap(([file, text]) => importsOf(file, text));

function importsOf(file: string, text: string): readonly Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(?:(type)\s)?[^;"]*?\s?from\s+"([^"]+)"|\bimport\("([^"]+)"\)|^import\s+"([^"]+)"/gm);
  return [...statements].map(([, type, from, dynamic, bare]) => {
    const name = (from ?? dynamic ?? bare)!;
    return { file, target: name.startsWith(".") ? relative(ROOT, join(ROOT, dirname(file), name)) : packageOf(name), isType: type !== undefined };
  });
}
const isWithin = (path: string, folders: readonly string[]): boolean => folders.some(folder => path === folder || path.startsWith(`${folder}/`));
const isOurs = (path: string): boolean => texts.has(path) || /\.(ts|tsx|json)$/.test(path);
const breaches = (is: (one: Import) => boolean): readonly string[] => imports.filter(is).map(({ file, target }) => `${file} imports ${target}`);

/** What each folder may import of ours. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "engine/abi": ["engine/abi", "events"],
  engine: ["engine", "events"],
  events: ["events"],
  snapshots: ["snapshots", "engine", "events"],
  "guest-images": ["guest-images", "engine", "events"],
  "repl/network": ["repl/network", "guest-images/user-mistake.ts", "engine", "events"],
  repl: FOLDERS,
};
/** Who may use a package: it stays where one can look for it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  immer: ["engine/kernel"],
  msgpackr: ["events/log/msgpack.ts", "guest-images/image-file.ts", "guest-images/image-list.ts", "guest-images/stored-image.ts", "repl/region-files.ts"],
  rxjs: ["events/stream.ts", "events/query.ts", "snapshots/session.ts"],
  ink: ["repl/views"],
  react: ["repl/views"],
};

for (const [folder, allowed] of Object.entries(LAYERS)) {
  test(`${folder} imports nothing of ours but ${allowed.join(", ")}`, () => {
    assert.equal(
      breaches(({ file, target }) => isWithin(file, [folder]) && isOurs(target) && !isWithin(target, allowed)),
      [],
    );
  });
}
for (const [name, places] of Object.entries(PACKAGES)) {
  test(`${name} is used only in ${places.join(", ")}`, () => {
    assert.equal(
      breaches(({ file, target }) => target === name && !isWithin(file, places)),
      [],
    );
  });
}
test("the engine imports no package but immer, and nothing of Node, by whatever way", () => {
  const reached = new Set(files.filter(file => isWithin(file, ["engine"])));
  for (const file of reached) for (const one of imports) if (one.file === file && !one.isType && texts.has(one.target)) reached.add(one.target);
  assert.equal(
    breaches(({ file, target, isType }) => reached.has(file) && !isType && !isOurs(target) && target !== "immer"),
    [],
  );
});
test("the kernel knows neither processor nor guest memory", () => {
  assert.equal(
    breaches(({ file, target, isType }) => isWithin(file, ["engine/kernel", "engine/abi"]) && !isType && isWithin(target, ["engine/cpu", "engine/memory"])),
    [],
  );
});
test("the engine has no clock, no chance, no host, no promise", () => {
  const forbidden =
    /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.|\bprocess\.(env|argv|exit|hrtime|memoryUsage|cpuUsage|stdout|stderr|stdin|nextTick|platform|cwd|on|emitWarning)\b|\bglobalThis\.|\bsetTimeout\b|\bsetInterval\b|\bsetImmediate\b|\bqueueMicrotask\b|\bcrypto\.|\bPromise\b|\basync\b|\bawait\b|\bconsole\./;
  const found: string[] = [];
  for (const [file, text] of texts) {
    if (!isWithin(file, ["engine"])) continue;
    text.split("\n").forEach((line, index) => {
      if (forbidden.test(line.replace(/\/\/.*|^\s*(\/\*)?\*.*/, "").replace(/"[^"]*"/g, '""'))) found.push(`${file}:${index + 1}: ${line.trim()}`);
    });
  }
  assert.equal(found, []);
});
test("an inode is found by its number in one place, since it may have to be made", () => {
  const places = ["engine/kernel/objects/inodes.ts", "engine/kernel/objects/image-inodes.ts"];
  const found = [...texts].filter(([file, text]) => !isWithin(file, ["test"]) && !places.includes(file) && /\bvfs\.inodes\[/.test(text));
  assert.equal(
    found.map(([file]) => file),
    [],
  );
});
test("services never import one another", () => {
  const SERVICES = "engine/kernel/services";
  const roots = imports.filter(({ file, target }) => file === "engine/kernel/services.ts" && isWithin(target, [SERVICES])).map(({ target }) => target);
  assert.ok(roots.length > 5, "services.ts names the services");
  const owners = new Map<string, string>();
  const shared: string[] = [];
  const claim = (file: string, root: string): void => {
    const owner = owners.get(file);
    if (owner === root) return;
    if (owner !== undefined) {
      shared.push(`${file} belongs to ${owner} and to ${root}`);
      return;
    }
    owners.set(file, root);
    for (const one of imports) if (one.file === file && isWithin(one.target, [SERVICES])) claim(one.target, root);
  };
  for (const root of roots) claim(root, root);
  assert.equal(shared, []);
  assert.equal(
    files.filter(file => isWithin(file, [SERVICES]) && !owners.has(file)),
    [],
    "every file there belongs to a service",
  );
});
test("every test file runs its suites, and every folder of tests has one", () => {
  const tests = globSync("test/**/*.test.{ts,tsx}", { cwd: ROOT });
  assert.equal(
    tests.filter(file => !/\.run\(\)/.test(readFileSync(join(ROOT, file), "utf8"))),
    [],
  );
  // test/bench measures, test/guests holds sources, test/corpus what the corpora of two images share.
  const folders = globSync("test/*/", { cwd: ROOT }).filter(folder => !["test/bench", "test/corpus", "test/guests"].includes(folder.replace(/\/$/, "")));
  assert.equal(
    folders.filter(folder => !tests.some(file => isWithin(file, [folder.replace(/\/$/, "")]))),
    [],
  );
});
test("imports of ours lead to files that are there", () => {
  assert.equal(
    breaches(({ target }) => isWithin(target, FOLDERS) && !existsSync(join(ROOT, target))),
    [],
  );
});
test.run();
