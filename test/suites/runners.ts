// One module natively, in a chroot of the suites' image, and in Chronix: as the suites' user, with a loopback interface for a network.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Image } from "../../guest-images/image.ts";
import { builtCli } from "../corpus/built-cli.ts";
import type { Outcome } from "../corpus/corpus.ts";
import { Overdue, runInRoot } from "../corpus/native-process.ts";
import type { Suite } from "./suite.ts";
import { SUITES_HOME, SUITES_USER } from "./suites-image.ts";

export interface SideRun extends Outcome {
  readonly millis: number;
  readonly isOverdue: boolean;
}
const ENVIRONMENT = [`HOME=${SUITES_HOME}`, "USER=suites", "LOGNAME=suites"];

async function timed(act: () => Promise<Outcome & { readonly isOverdue: boolean }>): Promise<SideRun> {
  const since = performance.now();
  const outcome = await act();
  return { ...outcome, millis: performance.now() - since };
}

export function natively(root: string, image: Image, suite: Suite, modules: readonly string[], timeoutMillis: number): Promise<SideRun> {
  for (const path of ["tmp", SUITES_HOME]) clear(join(root, path));
  return timed(async () => {
    try {
      const asked = {
        name: modules.join(" "),
        script: suite.script(modules),
        variables: ENVIRONMENT,
        timeoutMillis,
        folder: SUITES_HOME,
        user: SUITES_USER,
        isApart: true,
      };
      return { ...(await runInRoot(root, image, asked)), isOverdue: false };
    } catch (error) {
      if (!(error instanceof Overdue)) throw error;
      return { ...error.streams, status: 137, isOverdue: true };
    }
  });
}
function clear(folder: string): void {
  for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
}

export function inChronix(image: Image, suite: Suite, modules: readonly string[], timeoutMillis: number): Promise<SideRun> {
  const { uid, gid } = SUITES_USER;
  const environment = ENVIRONMENT.flatMap(variable => ["--env", variable]);
  const words = ["run", "--image", image.name, "--user", `${uid}:${gid}`, "--cwd", SUITES_HOME, ...environment, "/bin/sh", "-c", suite.script(modules)];
  return timed(() => builtCli(words, { timeoutMillis }));
}
