// What the bundles hold instead of engine/kernel/services.ts: which file serves which call, and a way to load most of these files when a call of theirs is first met.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { syscalls } from "../engine/abi/syscalls.ts";
import { reducerOf } from "../engine/kernel/services.ts";

const folder = join(import.meta.dirname, "../engine/kernel/services");
/** What a program calls that merely starts, looks at files and ends. */
const USUAL =
  /^(poll|proc-table-(control|creation|ending|execution|futex|identity|limits|rseq)|signal|system|time|vfs-(attributes|descriptors|directories|names|opening|status|transfer)|vmm)\.ts$/;

interface Table {
  readonly file: string;
  readonly name: string;
  readonly calls: readonly string[];
}
/** A table of calls: `Calls` at the end of its name. Some are put together from others. */
async function tablesIn(file: string): Promise<readonly Table[]> {
  const exports = (await import(pathToFileURL(join(folder, file)).href)) as Readonly<Record<string, object>>;
  return Object.keys(exports).flatMap(name => (name.endsWith("Calls") ? [{ file, name, calls: Object.keys(exports[name]!) }] : []));
}

export async function serviceTables(): Promise<string> {
  const all = (await Promise.all(readdirSync(folder).map(tablesIn))).flat().toSorted((a, b) => a.calls.length - b.calls.length);
  const served = new Set<string>();
  // The smallest table that has a call is the one that serves it.
  const tables = all.flatMap(table => {
    const calls = table.calls.filter(call => !served.has(call));
    for (const call of calls) served.add(call);
    return calls.length > 0 ? [{ ...table, calls }] : [];
  });
  const lost = (Object.keys(syscalls) as (keyof typeof syscalls)[]).filter(name => reducerOf(name) && !served.has(name));
  if (lost.length > 0) throw new Error(`No table in engine/kernel/services/ has ${lost.join(", ")}: its name is to end in Calls.`);
  const usual = tables.filter(({ file }) => USUAL.test(file));
  const line = ({ file, name, calls }: Table): string => {
    const there = USUAL.test(file) ? name : `require("./services/${file}").${name}`;
    return `[${JSON.stringify(` ${calls.join(" ")} `)}, () => ${there}]`;
  };
  return `${usual.map(({ file, name }) => `import { ${name} } from "./services/${file}";`).join("\n")}
    const tables = [${tables.map(line).join(", ")}];
    export const reducerOf = name => tables.find(([calls]) => calls.includes(" " + name + " "))?.[1]()[name];`;
}
