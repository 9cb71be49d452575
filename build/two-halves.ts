// A bundle in two halves: what every run needs, and the rest, which is loaded when something of it is first asked for. A function costs V8 nearly the same whether or not it is called,
// and of those of a short run five in six are not.
// What modules `require` (only those do that the build puts in place of others) is where the rest begins. What it imports that the first half has too, it is given by that: no module is there twice.
import { join, relative } from "node:path";
import { type BuildOptions, build, type Metafile, type OnResolveArgs, type OnResolveResult, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");
/** By such a name each half asks for the other's modules (repl/code-cache.ts). */
const [FIRST, REST] = ["first:", "rest:"];
const ASKED = "asked";
/** esbuild's name for what is in no file. */
const STDIN = "<stdin>";
/** By what name a module is to be asked for outside of the bundle, if at all. */
type Decide = (module: string, args: OnResolveArgs) => string | undefined;

const outside = (decide: Decide): Plugin => ({
  name: "outside",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^:]*$/ }, async ({ path, ...args }): Promise<OnResolveResult | undefined> => {
      if (args.pluginData === ASKED || args.kind === "entry-point") return undefined;
      const { errors, warnings, ...found } = await resolve(path, { ...args, pluginData: ASKED });
      const name = found.namespace === "file" ? decide(relative(root, found.path) + found.suffix, { path, ...args }) : undefined;
      return name === undefined ? { errors, warnings, ...found } : { path: name, external: true };
    });
  },
});
const asked = ({ outputs }: Metafile, prefix: string): readonly string[] => [
  ...new Set(Object.values(outputs).flatMap(({ imports }) => imports.flatMap(({ path }) => (path.startsWith(prefix) ? [path.slice(prefix.length)] : [])))),
];
/** Those that are there as soon as the bundle is. */
function readyAtOnce({ inputs }: Metafile): ReadonlySet<string> {
  const ready = new Set(Object.keys(inputs).filter(name => name.endsWith(STDIN)));
  for (const name of ready) for (const { path, kind } of inputs[name]?.imports ?? []) if (kind !== "require-call" && path in inputs) ready.add(path);
  return ready;
}

export interface Halves {
  /** Of the first half, and of its sources in repl/; the other's is `-rest`. */
  readonly file: string;
  readonly options: BuildOptions;
  /** Of what modules require, whether it is the rest's. */
  readonly isSeldom: (module: string) => boolean;
}
export async function buildHalves({ file, options, isSeldom }: Halves): Promise<void> {
  const half = async (name: string, contents: string, decide: Decide, more: BuildOptions = {}) => {
    const { metafile, outputFiles } = await build({
      ...options,
      stdin: { contents, resolveDir: root, loader: "ts" },
      plugins: [outside(decide), ...(options.plugins ?? [])],
      entryNames: name,
      metafile: true,
      ...more,
    });
    return { metafile: metafile!, text: outputFiles?.at(-1)?.text ?? "" };
  };
  const own = `export * from "./repl/${file}.ts";`;
  const beginsRest: Decide = (module, { kind, importer }) =>
    kind === "require-call" && !importer.endsWith(STDIN) && isSeldom(module) ? REST + module : undefined;
  const { metafile: first } = await half(file, own, beginsRest, { write: false });
  const isInFirst: Decide = module => (module in first.inputs ? FIRST + module : undefined);
  // What is imported as well lies in the first half, and is not to be asked for.
  const begins = asked(first, REST).filter(module => !(module in first.inputs));
  const beginsWhole: Decide = (module, args) => (module in first.inputs ? undefined : beginsRest(module, args));
  const roots = `export const modules = { ${begins.map(required).join(", ")} };`;
  const { metafile: rest } = await half(`${file}-rest`, roots, isInFirst);
  // As an ECMAScript module it says which names it imports.
  const naming: BuildOptions = { format: "esm", banner: {}, footer: {}, minify: false, sourcemap: false, write: false };
  const { text } = await half(`${file}-rest`, roots, isInFirst, naming);
  const ready = readyAtOnce(first);
  const namesIn = importedNames(text);
  const given = asked(rest, FIRST).map((module, i) => (ready.has(module) ? givenAtOnce(module, namesIn.get(module) ?? [], i) : ["", required(module)]));
  const contents = [own, ...given.map(([imports]) => imports), `export const modules = { ${given.map(([, row]) => row).join(",\n")} };`];
  const { metafile: whole } = await half(file, contents.join("\n"), beginsWhole);
  const known = new Set(begins);
  const lost = asked(whole, REST).filter(module => !known.has(module));
  if (lost.length > 0) throw new Error(`The rest of ${file} is asked for ${lost.join(", ")}, which it does not have.`);
}
const required = (module: string): string => `"${module}": () => require("./${module}")`;
/** Looked up when the rest asks. A namespace would be made for each module at the start, with a function for each name. */
function givenAtOnce(module: string, names: readonly string[] | "all", i: number): readonly [imports: string, row: string] {
  if (names === "all") return [`import * as given${i} from "./${module}";`, `"${module}": () => given${i}`];
  const all = names.map(name => [name, `given${i}_${name}`]);
  return [
    `import { ${all.map(([name, here]) => `${name} as ${here}`).join(", ")} } from "./${module}";`,
    `"${module}": () => ({ ${all.map(([name, here]) => `${name}: ${here}`).join(", ")} })`,
  ];
}
/** By module. */
function importedNames(text: string): ReadonlyMap<string, readonly string[] | "all"> {
  const names = new Map<string, Set<string>>();
  for (const [, list, module] of text.matchAll(/^import \{([^}]*)\} from "first:([^"]+)";/gm)) {
    const known = names.get(module!) ?? new Set();
    names.set(module!, known);
    for (const item of list!.split(",")) known.add(item.trim().split(" as ")[0]!);
  }
  const whole = Array.from(text.matchAll(/^import (?:\* as )?\w+ from "first:([^"]+)";/gm), ([, module]) => [module!, "all"] as const);
  return new Map<string, readonly string[] | "all">([...Array.from(names, ([module, all]) => [module, [...all]] as const), ...whole]);
}
