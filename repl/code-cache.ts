// Loads a bundle with the code that V8 made of it the last time. Node's own compile cache keeps only what is compiled while a module is loaded, and a short run's
// time goes into compiling functions when they are first called: this one is taken after a run, and holds those too.
// Nothing depends on it: what is missing, damaged, of another build or another V8 is made anew.
// *Deliberately absent:* node:v8 and node:zlib, which load all of Node's streams, 4 ms.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { KeptCode } from "./kept-code.ts";

export interface Loaded<Exports> {
  readonly exports: Exports;
  /** Keeps the code where it was not there; called when all has run that a usual run needs. */
  keep(): void;
}
/** The caller says what the bundle exports: nobody else knows. */
export function loadWithCode<Exports>(path: string): Loaded<Exports> {
  const kept = new KeptCode(path);
  const cachedData = kept.read();
  // The bundle is a function (build.ts), in ASCII: as latin1 it is read without being converted.
  const { Script } = process.getBuiltinModule("node:vm");
  const script = new Script(readFileSync(path, "latin1"), {
    filename: path,
    ...(cachedData && { cachedData }),
  });
  const module = { exports: {} };
  // What it asks for is Node's own for the most part, and that needs no search.
  const require = (name: string): unknown => process.getBuiltinModule(name) ?? createRequire(path)(name);
  script.runInThisContext()(module.exports, require, module, path, dirname(path));
  const keep = (): void => {
    if (!cachedData || script.cachedDataRejected) kept.write(() => script.createCachedData());
  };
  return { exports: module.exports as Exports, keep };
}
