// Writes manifest.json: the versions and digests of all packages of the Debian image, as this host's package client resolves them now.
// node guest-images/debian/pin.ts
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fetchPackages } from "../apt.ts";
import { SEEDS } from "./seeds.ts";

const fetched = await fetchPackages({ seeds: SEEDS, pinned: [], onProgress: console.error });
if (!fetched) throw new Error("The package client could not fetch the packages.");
const packages = fetched.map(({ name, version, bytes }) => ({ name, version, sha256: createHash("sha256").update(bytes).digest("hex") }));
writeFileSync(join(import.meta.dirname, "manifest.json"), `[\n${packages.map(one => `  ${JSON.stringify(one)}`).join(",\n")}\n]\n`);
console.log(`${packages.length} packages pinned`);
