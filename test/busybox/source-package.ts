// BusyBox's own test suite, from Debian's source package of the version that is in the image, fetched by the package client. It is never part of this repository.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../guest-images/cache-folder.ts";
import manifest from "../../guest-images/manifest.json" with { type: "json" };

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
/** Rebuilds of a package for one architecture end in +bN, and share their source. */
const VERSION = manifest.version.replace(/\+b\d+$/, "");

/** A folder as the suite wants it: testsuite/, .config as the package was built, and busybox. Kept in the cache. */
export function upstreamSuite(): string {
  const kept = join(cacheFolder(), `busybox-testsuite-${VERSION.replace(":", "_")}`);
  if (existsSync(kept)) return kept;
  const folder = mkdtempSync(join(tmpdir(), "chronix-source-"));
  try {
    fetchSource(folder);
    const made = join(folder, "suite");
    arrange(join(folder, "out"), made);
    mkdirSync(cacheFolder(), { recursive: true });
    cpSync(made, `${kept}.new`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${kept}.new`, kept);
    return kept;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const RELEASE = "bookworm";
/** Where the host's own package client gets this release from. */
function archive(): string {
  const known = execFileSync("apt-get", ["indextargets", "--format", "$(REPO_URI) $(RELEASE)"], { encoding: "utf8" }).split("\n");
  const found = known.find(line => line.endsWith(` ${RELEASE}`));
  if (!found) throw new Error(`The package client of this host knows no archive of Debian ${RELEASE}: add one to its sources.`);
  return found.split(" ")[0]!;
}
function fetchSource(folder: string): void {
  for (const path of ["state/lists/partial", "cache/archives/partial", "out"]) mkdirSync(join(folder, path), { recursive: true });
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const settings = {
    "Dir::Etc::SourceList": file("sources.list", `deb-src [signed-by=${KEYRING}] ${archive()} ${RELEASE} main\n`),
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State": join(folder, "state"),
    "Dir::State::status": file("status", ""),
    "Dir::Cache": join(folder, "cache"),
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
  };
  const configuration = file("apt.conf", ["#clear APT::Update;", ...Object.entries(settings).map(([name, value]) => `${name} "${value}";`), ""].join("\n"));
  const apt = (...words: readonly string[]) => execFileSync("apt-get", ["-q", "-c", configuration, ...words], { cwd: join(folder, "out"), stdio: "ignore" });
  apt("update");
  apt("source", "--download-only", `busybox=${VERSION}`);
}

function arrange(out: string, suite: string): void {
  const named = (pattern: RegExp) => join(out, readdirSync(out).find(name => pattern.test(name)) ?? "");
  const unpack = (archive: string) => execFileSync("tar", ["-xf", archive], { cwd: out });
  unpack(named(/\.orig\.tar\./));
  unpack(named(/\.debian\.tar\./));
  mkdirSync(suite);
  cpSync(join(named(/^busybox-[\d.]+$/), "testsuite"), join(suite, "testsuite"), { recursive: true });
  cpSync(join(out, "debian/config/pkg/static"), join(suite, ".config"));
  symlinkSync("/bin/busybox", join(suite, "busybox"));
}
