// `npm run coverage:isa`: which instructions Debian's programs contain, and which of them the decoder does not serve. Those must be none, or have a line in docs/INSTRUCTIONS.md that says why.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { decode, MOST_BYTES } from "../../../engine/cpu/decode/decode.ts";
import { mnemonicOf } from "../../../engine/cpu/disassembly.ts";
import { allForms } from "../../../engine/cpu/semantics/forms.ts";
import { Chance } from "../hardware/chance.ts";
import { instantiate, templates } from "../hardware/encodings.ts";
import { eachInstruction, type Listed } from "./listing.ts";
import { elvesOf, packages } from "./packages.ts";

interface Tally {
  count: number;
  unserved: number;
  example: string;
}
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const isJson = process.argv.includes("--json");
const wanted = process.argv.slice(2).filter(word => word !== "--json");

export interface CoverageReport {
  readonly packages: readonly string[];
  readonly instructions: number;
  /** Mnemonics: in the packages, in our tables, in the packages and not served, and of these without a reason. */
  readonly met: number;
  readonly served: number;
  readonly unserved: number;
  readonly unservedPlaces: number;
  readonly open: readonly string[];
}

/** Some mnemonics are told by the immediate, as those of comparisons: of each encoding so many examples. */
const EXAMPLES = 100;
/** Mnemonics that have a form, as objdump writes them. */
function servedMnemonics(): ReadonlySet<string> {
  const chance = new Chance(1);
  const ways = [...templates().values()].flat();
  const examples = ways.flatMap(way => Array.from({ length: EXAMPLES }, () => instantiate(way, chance)));
  return new Set(examples.flatMap(example => (example ? [mnemonicOf(example.code)] : [])));
}
/** Rows of the table: `pattern` | why. */
function justifications(): readonly { readonly pattern: RegExp; readonly why: string }[] {
  const page = readFileSync(join(import.meta.dirname, "../../../docs/INSTRUCTIONS.md"), "utf8");
  return [...page.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(([, pattern = "", why = ""]) => ({
    pattern: new RegExp(`^(${pattern.replaceAll("\\|", "|")})$`),
    why,
  }));
}

const tallies = new Map<string, Tally>();
let total = 0;
/** Tables that stand among code, as libcrypto's assembly has them. */
let tables = 0;
function isKnown(bytes: Uint8Array): boolean {
  padded.fill(0);
  padded.set(bytes.subarray(0, MOST_BYTES));
  const decoded = decode(0x40_0000, padded);
  // To the decoder what does not exist is an instruction too: one that is invalid.
  return typeof decoded !== "string" && decoded.form.name !== "bad";
}
/** One mnemonic may have several encodings, of which AVX-512's and AMD's own are other extensions. */
const suffixOf = (bytes: Uint8Array): string => (bytes[0] === 0x62 ? " {evex}" : bytes[0] === 0x8f && (bytes[1]! & 0x1f) >= 8 ? " {xop}" : "");
const padded = new Uint8Array(MOST_BYTES);
function count(file: string, { address, bytes, mnemonic, text, isInFunction }: Listed): void {
  if (!isInFunction && !isKnown(bytes)) {
    tables++;
    return;
  }
  total++;
  const name = `${mnemonic}${suffixOf(bytes)}`;
  const tally = tallies.get(name) ?? { count: 0, unserved: 0, example: "" };
  tallies.set(name, tally);
  tally.count++;
  if (isKnown(bytes)) return;
  tally.unserved++;
  tally.example ||= `${Buffer.from(bytes).toString("hex")} ${text.trim()} (${basename(file)} ${address})`;
}

const asked = packages.filter(one => wanted.length === 0 || wanted.includes(one));
for (const name of asked) {
  const files = await elvesOf(name, say);
  const before = total;
  for (const file of files) await eachInstruction(file, listed => count(file, listed));
  say(`${name}: ${files.length} programs and libraries, ${(total - before).toLocaleString("en")} instructions`);
}
const served = servedMnemonics();
const unserved = [...tallies].filter(([, tally]) => tally.unserved > 0).toSorted(([, a], [, b]) => b.unserved - a.unserved);
const reasons = justifications();
const open = unserved.filter(([mnemonic]) => !reasons.some(({ pattern }) => pattern.test(mnemonic)));
const unservedPlaces = unserved.reduce((sum, [, tally]) => sum + tally.unserved, 0);
const report: CoverageReport = {
  packages: asked,
  instructions: total,
  met: tallies.size,
  served: served.size,
  unserved: unserved.length,
  unservedPlaces,
  open: open.map(([mnemonic]) => mnemonic),
};
if (isJson) process.stdout.write(`${JSON.stringify(report)}\n`);
const tell = (text: string): void => void (isJson ? process.stderr : process.stdout).write(text);
tell(`served: ${allForms().length} forms, ${served.size} mnemonics\n`);
tell(`met: ${total.toLocaleString("en")} instructions of ${tallies.size} mnemonics (and ${tables.toLocaleString("en")} places in tables among code)\n`);
tell(
  `not served: ${unserved.length} mnemonics, ${unservedPlaces.toLocaleString("en")} places, of which ${open.length} mnemonics have no reason in docs/INSTRUCTIONS.md\n`,
);
for (const [mnemonic, tally] of open) tell(`${mnemonic} ${tally.unserved} of ${tally.count}, as ${tally.example}\n`);
process.exitCode = open.length > 0 ? 1 : 0;
