// Runs a guest's program on this host's own kernel under strace, in a root made from its image: as root, or where users may have namespaces of their own.
// What the program writes to goes to a layer in memory that is gone afterwards.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../guest-images/cache-folder.ts";
import { unpackRoot } from "../../guest-images/unpacked-root.ts";
import { Failure } from "../failure.ts";
import type { BootRequest } from "../guest-options.ts";

export interface NativeRun {
  /** From the program's own execve on. */
  readonly trace: readonly string[];
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** Unpacked once for each image. */
function rootOf({ image }: BootRequest): string {
  const kept = join(cacheFolder(), "roots", image.digest.slice("sha256:".length, "sha256:".length + 32));
  if (existsSync(kept)) return kept;
  mkdirSync(join(cacheFolder(), "roots"), { recursive: true });
  const growing = mkdtempSync(`${kept}.`);
  unpackRoot(image.entries, growing);
  renameSync(growing, kept);
  return kept;
}

/** $1 the root, $2 a folder for the layer, then strace's and the program's words. Pipes as standard streams, as the guest has them. */
const SCRIPT = `
root=$1 place=$2 name=$3; shift 3
mount -t tmpfs none $place && mkdir $place/upper $place/work $place/root &&
mount -t overlay overlay -o lowerdir=$root,upperdir=$place/upper,workdir=$place/work $place/root || exit 125
root=$place/root
mkdir -p $root/proc $root/dev && mount -t proc proc $root/proc && mount --rbind /dev $root/dev || exit 125
hostname "$name"
[ ! -d $place.mounts ] || cp -a $place.mounts/. $root/
{ : | "$@" 2>&3 3>&- | cat > $place.stdout; } 3>&1 | cat > $place.stderr
cp $place/trace $place.trace
`;

export function runNatively(request: BootRequest): NativeRun {
  const { parameters, mounts } = request;
  const folder = mkdtempSync(join(tmpdir(), "chronix-compare-"));
  const place = join(folder, "place");
  try {
    mkdirSync(place);
    for (const { path, entries } of mounts) {
      const at = join(`${place}.mounts`, path);
      mkdirSync(join(at, ".."), { recursive: true });
      if (entries[0]?.kind === "directory") mkdirSync(at);
      unpackRoot(
        entries.map(entry => (entry.path === "/" ? { ...entry, path } : { ...entry, path: `${path}${entry.path}` })),
        `${place}.mounts`,
      );
    }
    const isRoot = process.getuid?.() === 0;
    const namespaces = ["--mount", "--pid", "--fork", "--kill-child", "--uts", ...(isRoot ? [] : ["--map-root-user"])];
    const { uid, gid } = parameters.user;
    const user = uid === 0 && gid === 0 ? [] : ["--setuid", String(uid), "--setgid", String(gid)];
    const enter = ["unshare", "--root", join(place, "root"), "--wd", parameters.workingDirectory, ...user, parameters.program, ...parameters.argv.slice(1)];
    const strace = ["strace", "-f", "-q", "-o", join(place, "trace"), "env", "-i", ...parameters.environment, whereIs("unshare"), ...enter.slice(1)];
    const words = [...namespaces, "sh", "-c", SCRIPT, "sh", rootOf(request), place, parameters.hostname, ...strace];
    const { error, stderr } = spawnSync("unshare", words, { encoding: "utf8", stdio: ["ignore", "ignore", "pipe"] });
    const path = `${place}.trace`;
    if (error || !existsSync(path))
      throw new Failure(
        `Cannot run it natively: this needs Linux on x86-64, strace, and either root or namespaces for users (${(error?.message ?? stderr).trim().split("\n").at(-1)}).`,
      );
    return { trace: fromProgram(readFileSync(path, "latin1").split("\n")), stdout: readFileSync(`${place}.stdout`), stderr: readFileSync(`${place}.stderr`) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
function whereIs(tool: string): string {
  const found = ["/usr/bin", "/bin", "/usr/local/bin"].map(folder => join(folder, tool)).find(path => existsSync(path));
  if (!found) throw new Failure(`Cannot run it natively: there is no ${tool} on this host.`);
  return found;
}
/** What comes before only leads there. */
function fromProgram(lines: readonly string[]): readonly string[] {
  const entered = lines.findIndex(line => / chroot\(/.test(line));
  const start = lines.findIndex((line, at) => at > entered && / execve\(.*= 0$/.test(line));
  if (entered < 0 || start < 0) {
    const last = lines.findLast(line => / execve\(/.test(line)) ?? "strace wrote nothing";
    throw new Failure(`The program could not be started natively: ${last}.`);
  }
  return lines.slice(start);
}
