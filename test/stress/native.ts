// The stressors on the host's own kernel: in a chroot made from the image on a tmpfs, as an unprivileged user whose limits are in the command. Needs root on Linux x86-64.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Mount } from "../../engine/boot.ts";
import type { Image } from "../../engine/loader/image.ts";
import { unpackRoot } from "../../guest-images/unpacked-root.ts";
import { withNativeRoot } from "../corpus/native-root.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { STRESS_ENVIRONMENT, STRESS_FOLDER } from "./stress-ng.ts";

const MOST_SECONDS = 20;

export interface NativeRequest {
  readonly image: Image;
  readonly mount: Mount;
  readonly names: readonly string[];
  readonly argvOf: (name: string) => readonly string[];
}
export function nativeOutcomes({ image, mount, names, argvOf }: NativeRequest): Promise<Map<string, Outcome>> {
  return withNativeRoot(image, async root => {
    mkdirSync(join(root, STRESS_FOLDER), { recursive: true });
    unpackRoot(mount.entries, join(root, STRESS_FOLDER));
    const outcomes = new Map<string, Outcome>();
    for (const name of names) {
      rmSync(join(root, "tmp"), { recursive: true, force: true });
      mkdirSync(join(root, "tmp"));
      chmodSync(join(root, "tmp"), 0o1777);
      outcomes.set(name, run(root, name, argvOf(name)));
    }
    return outcomes;
  });
}
/** In spaces of its own for processes, network and IPC: what it leaves behind ends with it. */
function run(root: string, name: string, argv: readonly string[]): Outcome {
  const inside = ["env", "-i", ...STRESS_ENVIRONMENT, "sh", "-c", 'cd /tmp; exec "$@"', "sh", ...argv];
  const command = ["--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child", "chroot", "--userspec=1000:1000", root, ...inside];
  const { stdout, stderr, status, error } = spawnSync("unshare", command, {
    encoding: "latin1",
    timeout: MOST_SECONDS * 1000,
    killSignal: "SIGKILL",
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (error) return { verdict: "timed out", reasons: [`more than ${MOST_SECONDS} s`] };
  return outcomeOf(name, stdout + stderr, status ?? 128);
}
