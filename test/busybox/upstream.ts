// BusyBox's own test suite, run by the guest's shell inside Chronix and by the same shell in a chroot of the host, one applet at a time, and the passes of both.
// Needs root for the host's half. node test/busybox/upstream.ts [--write] [--whole] [APPLET…]; --write puts the table into docs/busybox.md.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "../../engine/boot.ts";
import type { Image } from "../../engine/loader/image.ts";
import { appletNames } from "../../guest-images/applets.ts";
import { BUSYBOX, pullBusybox } from "../../guest-images/busybox.ts";
import { entriesDigest } from "../../guest-images/digest.ts";
import { hostFolder } from "../../guest-images/host-folder.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { withNativeRoot } from "../corpus/native-root.ts";
import { runGuest } from "../headless.ts";
import { upstreamSuite } from "./source-package.ts";

const PLACE = "/suite";
/** Some minutes for an applet; those that compute for long come last and have more. */
const MOST_TICKS = 30_000_000_000;
const PATIENT: Readonly<Record<string, number>> = { factor: 100_000_000_000, bc: 400_000_000_000 };
const TIMEOUT_MILLIS = 120_000;
const PAGE = join(import.meta.dirname, "../../docs/busybox.md");
/** Two tests of bc print some millions of numbers each: hours, before there is compiled code. They are left out on both sides, but with --whole. */
const LONG = '/^testing "bc \\(parsing\\|printing\\) of numbers"/,/^}.$/d';
const isWhole: boolean = process.argv.includes("--whole");
const script = (applet: string) =>
  `cd ${PLACE}/testsuite && umask 022 && ${applet === "bc" && !isWhole ? `sed -i '${LONG}' bc.tests && ` : ""}exec ./runtest ${applet}`;

/** By test: PASS, FAIL, SKIPPED or UNTESTED. A name that stands twice counts twice. */
type Results = ReadonlyMap<string, string>;
function resultsIn(text: string): Results {
  const results = new Map<string, string>();
  for (const [, result, name] of text.matchAll(/^(PASS|FAIL|SKIPPED|UNTESTED): (.*)$/gm)) {
    let key = name!;
    for (let again = 2; results.has(key); again++) key = `${name} (${again})`;
    results.set(key, result!);
  }
  return results;
}

function testedApplets(image: Image, suite: string): readonly string[] {
  const built = appletNames(image.entries.find(({ path }) => path === "/bin/busybox")!.content!);
  const present = new Set(readdirSync(join(suite, "testsuite")));
  return [...new Set(["busybox", ...built])].filter(name => name !== "[" && name !== "[[" && (present.has(name) || present.has(`${name}.tests`)));
}

function inHost(root: string, suite: string, image: Image, applet: string): Results {
  const at = join(root, PLACE);
  if (existsSync(at)) spawnSync("rm", ["-rf", at]);
  cpSync(suite, at, { recursive: true, verbatimSymlinks: true });
  const environment = Object.entries(image.config.environment).map(([name, value]) => `${name}=${value}`);
  // The suite mounts, and looks for processes by name.
  const enter = `mount -t proc none ${root}/proc; hostname chronix; exec chroot ${root} /bin/busybox env -i "$@"`;
  const words = ["--mount", "--uts", "--pid", "--fork", "--kill-child", "sh", "-c", enter, "sh", ...environment, "/bin/sh", "-c", script(applet)];
  return resultsIn(spawnSync("unshare", words, { encoding: "latin1", timeout: TIMEOUT_MILLIS, input: "" }).stdout ?? "");
}

function inGuest(mount: Mount, image: Image, applet: string): Results {
  const { stdout } = runGuest({ image, argv: ["/bin/sh", "-c", script(applet)], mounts: [mount], mostTicks: PATIENT[applet] ?? MOST_TICKS });
  return resultsIn(Buffer.from(stdout).toString("latin1"));
}

const passes = (results: Results): number => [...results.values()].filter(result => result === "PASS").length;

const store = new ImageStore();
const image = store.has(BUSYBOX) ? store.open(BUSYBOX) : await pullBusybox({ onProgress: console.error });
const suite = upstreamSuite();
const { entries } = hostFolder(suite);
const mount: Mount = { path: PLACE, isReadOnly: false, entries, digest: entriesDigest(entries) };
const words = process.argv.slice(2);
const wanted = words.filter(word => !word.startsWith("--"));
const isPatient = (applet: string): number => (applet in PATIENT ? 1 : 0);
const applets = (wanted.length > 0 ? wanted : testedApplets(image, suite)).toSorted((a, b) => isPatient(a) - isPatient(b));

interface Line {
  readonly applet: string;
  readonly natively: number;
  readonly here: number;
  /** Tests that pass natively and not here. */
  readonly lost: readonly string[];
}
const lines: Line[] = [];
await withNativeRoot(image, async root => {
  for (const applet of applets) {
    const native = inHost(root, suite, image, applet);
    let here: Results = new Map();
    try {
      here = inGuest(mount, image, applet);
    } catch (error) {
      console.error(`${applet}: stopped by ${(error as Error).stack}`);
    }
    const lost = [...native].filter(([name, result]) => result === "PASS" && here.get(name) !== "PASS").map(([name]) => name);
    lines.push({ applet, natively: passes(native), here: passes(here), lost });
    for (const name of lost) console.error(`${applet}: passes natively and not here: ${name}`);
  }
});
const sum = (of: (line: Line) => number): number => lines.reduce((total, line) => total + of(line), 0);
const lostCount = sum(({ lost }) => lost.length);
const rows = [...lines.toSorted((a, b) => (a.applet < b.applet ? -1 : 1)), { applet: "total", natively: sum(l => l.natively), here: sum(l => l.here) }];
const table = [
  "| applet | passes natively | passes in Chronix |",
  "| --- | ---: | ---: |",
  ...rows.map(({ applet, natively, here }) => `| ${applet} | ${natively} | ${here} |`),
].join("\n");
console.log(`${table}\n\n${lostCount} that pass natively do not pass in Chronix`);
if (words.includes("--write")) writeFileSync(PAGE, readFileSync(PAGE, "utf8").replace(/\| applet \|[\s\S]*?\n(?=\n|$)/, `${table}\n`));
process.exitCode = lostCount === 0 ? 0 : 1;
