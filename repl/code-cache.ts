// Loads a bundle with the code that V8 made of it the last time. Node's own compile cache keeps only what is compiled while a module is loaded, and a short run's
// time goes into compiling functions when they are first called: this one is taken after a run, and holds those too.
// Nothing depends on it: what is missing, damaged, of another build or another V8 is made anew.
// *Deliberately absent:* node:v8 and node:zlib, which load all of Node's streams, 4 ms.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { KeptCode, millisecondsSoFar } from "./kept-code.ts";

/** A run so much longer than the one that made the code has called more functions: then it is made again. */
const LONGER = 2;
/** But not in a long run, in which V8 drops what only a start needs: code that one has made is good until a shorter run makes it again. */
const LONGEST_MILLISECONDS = 3000;

export interface Loaded<Exports> {
  readonly exports: Exports;
  /** Keeps the code where it was not there; called when all has run that a usual run needs. */
  keep(): void;
}
/** Of a bundle in two halves (build/two-halves.ts): what it has for the other, by the names that are asked for. */
interface Half {
  readonly modules: Readonly<Record<string, () => unknown>>;
}
const [FIRST, REST] = ["first:", "rest:"];
/** The caller says what the bundle exports: nobody else knows. `grows`: it does many things, of which a first run may have shown but one; such code is kept apart from that of short runs. */
export const loadWithCode = <Exports>(path: string, grows = false): Loaded<Exports> => load(path, { name: grows ? "-any" : "", grows });

interface Loading {
  /** Of the code's file. */
  readonly name: string;
  readonly grows: boolean;
  /** Where it is the rest that is loaded. */
  readonly first?: Half;
}
function load<Exports>(path: string, { name, grows, first }: Loading): Loaded<Exports> {
  const file = new KeptCode(path, { name });
  const kept = file.read();
  // The bundle is a function (build.ts), in ASCII: as latin1 it is read without being converted.
  const { Script } = process.getBuiltinModule("node:vm");
  const script = new Script(readFileSync(path, "latin1"), {
    filename: path,
    ...(kept && { cachedData: kept.parts[0] }),
  });
  const module = { exports: {} };
  let rest: Loaded<Half> | undefined;
  const given = new Map<string, unknown>();
  const ofOtherHalf = (name: string): unknown => {
    if (first) return first.modules[name.slice(FIRST.length)]!();
    rest ??= load(path.replace(/\.cjs$/, "-rest.cjs"), { name: "-rest", grows: true, first: module.exports as Half });
    return rest.exports.modules[name.slice(REST.length)]!();
  };
  const require = (name: string): unknown => {
    // What else it asks for is Node's own for the most part, and that needs no search.
    if (!name.startsWith(FIRST) && !name.startsWith(REST)) return process.getBuiltinModule(name) ?? createRequire(path)(name);
    if (!given.has(name)) given.set(name, ofOtherHalf(name));
    return given.get(name);
  };
  script.runInThisContext()(module.exports, require, module, path, dirname(path));
  const keep = (): void => {
    const milliseconds = millisecondsSoFar();
    const isShort = milliseconds < LONGEST_MILLISECONDS;
    const isPoorer = kept && isShort && (kept.milliseconds >= LONGEST_MILLISECONDS || (grows && milliseconds > LONGER * kept.milliseconds));
    if (!kept || script.cachedDataRejected || isPoorer) file.write(() => [script.createCachedData()]);
    rest?.keep();
  };
  return { exports: module.exports as Exports, keep };
}
