// Fetches one Debian package for amd64 through the host's own package client, into a temporary folder, without root and without touching the host's
// lists, caches or hooks. The client verifies what it fetches against the archive's signed metadata; this file only decides what to ask it for.
import { execFile } from "node:child_process";
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

  async #run(words: readonly string[]): Promise<string | null> {
    try {
      const { stdout } = await promisify(execFile)("apt-get", ["-q", "-c", this.#configuration, ...words], {
        cwd: join(this.#folder, "out"),
        env: { ...process.env, LC_ALL: "C" },
        timeout: TIMEOUT_MILLIS,
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
