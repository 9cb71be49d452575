// BusyBox's own test suite, run by the guest's shell inside Chronix and by the same shell in a chroot of the host, one applet at a time, and the passes of both.
// Needs root for the host's half. node test/busybox/upstream.ts [APPLET…]
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "../../engine/boot.ts";
import type { Image } from "../../engine/loader/image.ts";
import { appletNames } from "../../guest-images/applets.ts";
import { BUSYBOX, pullBusybox } from "../../guest-images/busybox.ts";
import { hostFolder } from "../../guest-images/host-folder.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { withNativeRoot } from "../corpus/native-root.ts";
import { runGuest } from "../headless.ts";
import { upstreamSuite } from "./source-package.ts";

const PLACE = "/suite";
const MOST_TICKS = 5_000_000_000;
const TIMEOUT_MILLIS = 120_000;
const script = (applet: string) => `cd ${PLACE}/testsuite && umask 022 && exec ./runtest ${applet}`;

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
  return ["busybox", ...built].filter(name => name !== "[" && name !== "[[" && (present.has(name) || present.has(`${name}.tests`)));
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
  const { stdout } = runGuest({ image, argv: ["/bin/sh", "-c", script(applet)], mounts: [mount], mostTicks: MOST_TICKS });
  return resultsIn(Buffer.from(stdout).toString("latin1"));
}

const passes = (results: Results): number => [...results.values()].filter(result => result === "PASS").length;

const store = new ImageStore();
const image = store.has(BUSYBOX) ? store.open(BUSYBOX) : await pullBusybox({ onProgress: console.error });
const suite = upstreamSuite();
const { entries, digest } = hostFolder(suite);
const mount: Mount = { path: PLACE, isReadOnly: false, entries, digest };
const wanted = process.argv.slice(2);
const applets = wanted.length > 0 ? wanted : testedApplets(image, suite);

await withNativeRoot(image, async root => {
  const total = { here: 0, native: 0, lost: 0 };
  for (const applet of applets) {
    const native = inHost(root, suite, image, applet);
    let here: Results = new Map();
    let failure = "";
    try {
      here = inGuest(mount, image, applet);
    } catch (error) {
      failure = `; stopped by ${(error as Error).message}`;
    }
    const lost = [...native].filter(([name, result]) => result === "PASS" && here.get(name) !== "PASS").map(([name]) => name);
    total.here += passes(here);
    total.native += passes(native);
    total.lost += lost.length;
    console.log(`${applet}: ${passes(here)} passes, natively ${passes(native)}${failure}`);
    for (const name of lost) console.log(`  passes natively and not here: ${name}`);
  }
  console.log(`${total.here} passes in Chronix, ${total.native} natively; ${total.lost} that pass natively do not pass in Chronix`);
  process.exitCode = total.lost === 0 ? 0 : 1;
});
