// Fetches Debian packages for amd64 through the host's own package client, into a temporary folder, without root and without touching the host's
// lists, caches or hooks. The client verifies what it fetches against the archive's signed metadata; this file only decides what to ask it for.
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface FetchedPackage {
  readonly version: string;
  readonly bytes: Uint8Array;
}
export interface PackageRequest {
  readonly name: string;
  /** Preferred; where the archive no longer has it, its current version comes. */
  readonly version: string;
  readonly onProgress: (sentence: string) => void;
}

/** Packages that belong together, with what they depend on. */
export interface SetRequest {
  /** What is wanted; the client finds what these need. */
  readonly seeds: readonly string[];
  /** All of it in the versions that are preferred; empty where none are. */
  readonly pinned: readonly { readonly name: string; readonly version: string }[];
  readonly onProgress: (sentence: string) => void;
  readonly onFetched?: (count: number, total: number) => void;
}
export interface NamedPackage extends FetchedPackage {
  readonly name: string;
}

const TIMEOUT_MILLIS = 300_000;

/** `null` where there is no package client, no network, or no such package. */
export async function fetchPackage(request: PackageRequest): Promise<FetchedPackage | null> {
  const folder = mkdtempSync(join(tmpdir(), "chronix-package-"));
  try {
    const hostLists = new PackageClient(folder, "host");
    const found = (await hostLists.download(`${request.name}=${request.version}`)) ?? (await hostLists.download(request.name));
    if (found) return found;
    if (!(await hostLists.isThere())) return null;
    request.onProgress("This host's package lists do not have it; fetching lists of our own, which takes a moment.");
    const ownLists = new PackageClient(folder, "own");
    await ownLists.update();
    return (await ownLists.download(`${request.name}=${request.version}`)) ?? (await ownLists.download(request.name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The pinned versions where the archive has all of them; else all in its current ones. `null` where there is no client, no network, or no such packages. */
export async function fetchPackages(request: SetRequest): Promise<readonly NamedPackage[] | null> {
  const folder = mkdtempSync(join(tmpdir(), "chronix-packages-"));
  try {
    const hostLists = new PackageClient(folder, "host");
    const found = await hostLists.downloadSet(request);
    if (found) return found;
    if (!(await hostLists.isThere())) return null;
    request.onProgress("This host's package lists do not have them; fetching lists of our own, which takes a moment.");
    const ownLists = new PackageClient(folder, "own");
    await ownLists.update();
    return await ownLists.downloadSet(request);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

class PackageClient {
  readonly #folder: string;
  readonly #configuration: string;
  constructor(folder: string, lists: "host" | "own") {
    this.#folder = join(folder, lists);
    for (const path of ["state/lists/partial", "cache/archives/partial", "out"]) mkdirSync(join(this.#folder, path), { recursive: true });
    this.#configuration = join(this.#folder, "apt.conf");
    writeFileSync(join(this.#folder, "status"), "");
    writeFileSync(this.#configuration, configuration(this.#folder, lists));
  }

  async isThere(): Promise<boolean> {
    return (await this.#run(["--version"])) !== null;
  }

  /** Its status is of no interest: one unreachable archive of several fails it, and the download shows whether the one that matters came. */
  async update(): Promise<void> {
    await this.#run(["update"]);
  }

  async download(what: string): Promise<FetchedPackage | null> {
    if ((await this.#run(["download", what])) === null) return null;
    const out = join(this.#folder, "out");
    const file = readdirSync(out).find(name => name.endsWith(".deb"));
    if (file === undefined) return null;
    const version = decodeURIComponent(file.split("_")[1] ?? "");
    return { version, bytes: readFileSync(join(out, file)) };
  }

  async downloadSet({ seeds, pinned, onFetched = () => {} }: SetRequest): Promise<readonly NamedPackage[] | null> {
    const versions = pinned.map(({ name, version }) => `${name}=${version}`);
    const isPinned = versions.length > 0 && (await this.#run(["--print-uris", "download", ...versions])) !== null;
    const install = ["install", "-y", "--no-install-recommends", ...seeds];
    const listed = await this.#run(["--print-uris", ...(isPinned ? ["download", ...versions] : install)]);
    if (listed === null) return null;
    const total = listed.match(/^'/gm)?.length ?? 0;
    const hasCome = await this.#runCounting(isPinned ? ["download", ...versions] : ["--download-only", ...install], count => onFetched(count, total));
    return hasCome ? this.#downloaded(isPinned ? join(this.#folder, "out") : join(this.#folder, "cache/archives")) : null;
  }
  #downloaded(folder: string): readonly NamedPackage[] {
    return readdirSync(folder)
      .filter(file => file.endsWith(".deb"))
      .toSorted()
      .map(file => {
        const [name = "", version = ""] = file.split("_");
        return { name, version: decodeURIComponent(version), bytes: readFileSync(join(folder, file)) };
      });
  }
  /** The client tells each file that it fetches in a line. */
  #runCounting(words: readonly string[], onFetched: (count: number) => void): Promise<boolean> {
    return new Promise(resolve => {
      const child = spawn("apt-get", ["-q", "-c", this.#configuration, ...words], {
        cwd: join(this.#folder, "out"),
        env: { ...process.env, LC_ALL: "C" },
        stdio: ["ignore", "pipe", "ignore"],
      });
      let count = 0;
      child.stdout.on("data", (chunk: Buffer) => {
        count += chunk.toString("latin1").match(/^Get:/gm)?.length ?? 0;
        onFetched(count);
      });
      child.on("error", () => resolve(false));
      child.on("close", code => resolve(code === 0));
    });
  }

  async #run(words: readonly string[]): Promise<string | null> {
    try {
      const { stdout } = await promisify(execFile)("apt-get", ["-q", "-c", this.#configuration, ...words], {
        cwd: join(this.#folder, "out"),
        env: { ...process.env, LC_ALL: "C" },
        timeout: TIMEOUT_MILLIS,
        maxBuffer: 2 ** 26,
      });
      return stdout;
    } catch {
      return null;
    }
  }
}

/** `#clear` drops the host's hooks, which would act on the host's own caches. Running as root would otherwise mean downloading as a user who cannot enter our folder. */
function configuration(folder: string, lists: "host" | "own"): string {
  const settings = {
    "APT::Architecture": "amd64",
    "Dir::State::status": join(folder, "status"),
    ...(lists === "own" && { "Dir::State": join(folder, "state"), "Dir::State::Lists": join(folder, "state/lists") }),
    "Dir::Cache": join(folder, "cache"),
    "APT::Sandbox::User": "root",
    "APT::Get::AllowUnauthenticated": "false",
    "Acquire::AllowInsecureRepositories": "false",
    "Acquire::Languages": "none",
    "Acquire::http::Timeout": "20",
    "Acquire::https::Timeout": "20",
    "Acquire::Retries": "2",
  };
  const cleared = ["APT::Architectures", "APT::Update", "DPkg::Pre-Install-Pkgs"].map(name => `#clear ${name};\n`);
  return [...cleared, ...Object.entries(settings).map(([name, value]) => `${name} "${value}";\n`), 'APT::Architectures { "amd64"; };\n'].join("");
}
