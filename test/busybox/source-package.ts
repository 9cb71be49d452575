// BusyBox's own test suite, from Debian's source package of the version that is in the image. It is never part of this repository.
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../guest-images/cache-folder.ts";
import manifest from "../../guest-images/manifest.json" with { type: "json" };
import { withSource } from "../corpus/debian-source.ts";

/** Rebuilds of a package for one architecture end in +bN, and share their source. */
const VERSION = manifest.version.replace(/\+b\d+$/, "");

/** A folder as the suite wants it: testsuite/, .config as the package was built, and busybox. Kept in the cache. */
export function upstreamSuite(): string {
  const kept = join(cacheFolder(), `busybox-testsuite-${VERSION.replace(":", "_")}`);
  if (existsSync(kept)) return kept;
  return withSource({ name: "busybox", version: VERSION }, out => {
    mkdirSync(cacheFolder(), { recursive: true });
    arrange(out, `${kept}.new`);
    renameSync(`${kept}.new`, kept);
    return kept;
  });
}

function arrange(out: string, suite: string): void {
  const source = readdirSync(out).find(name => /^busybox-[\d.]+$/.test(name)) ?? "";
  mkdirSync(suite);
  cpSync(join(out, source, "testsuite"), join(suite, "testsuite"), { recursive: true });
  cpSync(join(out, "debian/config/pkg/static"), join(suite, ".config"));
  symlinkSync("/bin/busybox", join(suite, "busybox"));
}
