// Source packages of Debian, fetched and verified by the host's package client and unpacked without Debian's changes. Never part of this repository.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";
const RELEASE = "bookworm";

export interface SourcePackage {
  readonly name: string;
  /** Debian's. */
  readonly version: string;
  /** SHA-256 of the upstream archive; the client's own check of the signed metadata where there is none. */
  readonly sha256?: string;
}

/** Hands over a folder with the package's archives unpacked beside each other, and removes it afterwards. */
export function withSource<T>({ name, version, sha256 }: SourcePackage, act: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "chronix-source-"));
  try {
    const out = join(folder, "out");
    fetchSource(folder, `${name}=${version}`);
    for (const kind of [/\.orig\.tar\.\w+$/, /\.debian\.tar\.\w+$/]) {
      const archive = readdirSync(out).find(file => kind.test(file));
      if (archive === undefined) continue;
      if (kind.source.includes("orig") && sha256 !== undefined) checkDigest(join(out, archive), sha256);
      execFileSync("tar", ["-xf", archive], { cwd: out });
    }
    return act(out);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
function checkDigest(path: string, wanted: string): void {
  const found = createHash("sha256").update(readFileSync(path)).digest("hex");
  if (found !== wanted) throw new Error(`${path} has SHA-256 ${found}, not the pinned ${wanted}: check which archive this host uses.`);
}

/** Where the host's own package client gets this release from. */
function archive(): string {
  const known = execFileSync("apt-get", ["indextargets", "--format", "$(REPO_URI) $(RELEASE)"], { encoding: "utf8" }).split("\n");
  const found = known.find(line => line.endsWith(` ${RELEASE}`));
  if (!found) throw new Error(`The package client of this host knows no archive of Debian ${RELEASE}: add one to its sources.`);
  return found.split(" ")[0]!;
}
function fetchSource(folder: string, what: string): void {
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
  apt("source", "--download-only", what);
}
