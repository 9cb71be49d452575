// The Debian image with other people's tests in it, and a user who runs them: an image of its own in the store, made once. No part of it is in this repository.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFiles } from "../../guest-images/deb.ts";
import { hostFolder } from "../../guest-images/host-folder.ts";
import { type Image, type ImageEntry, makeImage } from "../../guest-images/image.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { contentBytes } from "../../guest-images/stored-image.ts";
import { type SourcePackage, withSource } from "../corpus/debian-source.ts";
import { withNativeRoot } from "../corpus/native-root.ts";
import { pinnedPackage } from "../corpus/pinned-package.ts";
import { BASH_FOLDER, BASH_SUPPORT } from "./bash.ts";
import { PERL_FOLDER } from "./perl.ts";
import { BASH_SOURCE, PERL_SOURCE, PYTHON_TESTS } from "./pins.ts";
import { OUTCOMES_PROGRAM } from "./python.ts";

export const SUITES_USER = { uid: 1000, gid: 1000 } as const;
export const SUITES_HOME = "/home/suites";
const USERS: Readonly<Record<string, string>> = { passwd: `suites:x:1000:1000::${SUITES_HOME}:/bin/sh\n`, group: "suites:x:1000:\n" };
/** What the netbase package would bring, which the Debian image does without: as much of it as the tests ask for. */
const NETWORK: Readonly<Record<string, string>> = {
  protocols: "ip 0 IP\nicmp 1 ICMP\ntcp 6 TCP\nudp 17 UDP\nipv6-icmp 58 IPv6-ICMP\n",
  services: "echo 7/tcp\necho 7/udp\ndaytime 13/tcp\nftp 21/tcp\nssh 22/tcp\ntelnet 23/tcp\nsmtp 25/tcp\ndomain 53/tcp\ndomain 53/udp\nhttp 80/tcp\n",
};
const PROGRAM = join(import.meta.dirname, "files/outcomes.py");
const PYTHON_FOLDER = "/usr/lib/python3.11";
/** Where the image's perl has its modules: the tests look for all of them in lib/. */
const PERL_LIBRARIES = ["/usr/share/perl/5.36.0", "/usr/lib/x86_64-linux-gnu/perl/5.36.0", "/usr/lib/x86_64-linux-gnu/perl-base"];
const FORMAT = 1;
/** As root in the image's root on the host: what the packages' own builds and installations do. */
const PREPARE = [
  "cd /tmp && touch config.h bashansi.h",
  ...BASH_SUPPORT.map(
    name => `gcc -w -I/tmp -include stdlib.h -include string.h -include unistd.h -o ${BASH_FOLDER}/tests/${name} ${BASH_FOLDER}/support/${name}.c`,
  ),
  `ln -s /usr/bin/perl ${PERL_FOLDER}/t/perl`,
  `python3 -m compileall -q ${["test", "unittest/test", "ctypes/test", "distutils/tests"].map(folder => `${PYTHON_FOLDER}/${folder}`).join(" ")} > /dev/null || true`,
].join("\n");

export async function suitesImage(base: Image, say: (text: string) => void): Promise<Image> {
  const store = new ImageStore();
  const made = createHash("sha256").update(
    JSON.stringify([FORMAT, NETWORK, base.digest, PYTHON_TESTS, BASH_SOURCE, PERL_SOURCE, PREPARE, readFileSync(PROGRAM, "utf8")]),
  );
  const name = `suites-${made.digest("hex").slice(0, 12)}`;
  if (store.has(name)) return store.open(name);
  for (const old of store.list()) if (old.name?.startsWith("suites-")) store.remove(old.name);
  const raw = makeImage(name, [...base.entries, ...(await addedEntries(base, say))], base.config);
  say("Preparing the tests' image.");
  const prepared = await withNativeRoot(raw, async root => {
    execFileSync("chroot", [root, "/bin/sh", "-ec", PREPARE], { stdio: ["ignore", "ignore", "inherit"] });
    return [...treeOf(join(root, PYTHON_FOLDER), PYTHON_FOLDER, 0), ...treeOf(join(root, "suites"), "/suites", SUITES_USER.uid)];
  });
  return save(makeImage(name, [...raw.entries, ...prepared], base.config), store);
}
function save(image: Image, store: ImageStore): Image {
  const writer = store.writer();
  const stored = image.entries.map(entry => {
    const { content: _, stored: __, ...rest } = entry;
    return entry.kind === "file" && entry.hardLinkTo === undefined ? { ...rest, stored: writer.store(contentBytes(entry)) } : entry;
  });
  store.saveWritten(writer, { ...image, entries: stored });
  return store.open(image.name);
}

async function addedEntries(base: Image, say: (text: string) => void): Promise<readonly ImageEntry[]> {
  const tests = await packageFiles(await pinnedPackage(PYTHON_TESTS, say));
  say("Fetching the sources of bash and perl.");
  const mtimeSeconds = Math.max(...tests.map(entry => entry.mtimeSeconds));
  const owned = { ...SUITES_USER, mtimeSeconds };
  return [
    ...tests.filter(({ path }) => path.startsWith(PYTHON_FOLDER)),
    { path: OUTCOMES_PROGRAM, kind: "file", mode: 0o644, ...owned, content: readFileSync(PROGRAM) },
    { path: SUITES_HOME, kind: "directory", mode: 0o755, ...owned },
    ...Object.entries(NETWORK).map(
      ([file, text]): ImageEntry => ({ path: `/etc/${file}`, kind: "file", mode: 0o644, uid: 0, gid: 0, mtimeSeconds, content: Buffer.from(text) }),
    ),
    ...Object.entries(USERS).map(([file, line]) => withLine(base, `/etc/${file}`, line)),
    ...sourceTree(BASH_SOURCE, BASH_FOLDER, ["tests", "support"]),
    ...PERL_LIBRARIES.flatMap(folder => moved(base.entries, folder, `${PERL_FOLDER}/lib`)),
    ...sourceTree(PERL_SOURCE, PERL_FOLDER, ["t", "lib"]).filter(({ path }) => !path.startsWith(`${PERL_FOLDER}/lib/`) || path.endsWith(".t")),
  ];
}
function withLine({ entries }: Image, path: string, line: string): ImageEntry {
  const { stored, content, ...entry } = entries.find(found => found.path === path)!;
  return { ...entry, content: Buffer.concat([contentBytes({ ...(stored ? { stored } : {}), ...(content ? { content } : {}) }), Buffer.from(line)]) };
}
/** The entries of one folder under another; links within it are copied as they stand. */
const moved = (entries: readonly ImageEntry[], from: string, to: string): readonly ImageEntry[] =>
  entries
    .filter(({ path, hardLinkTo }) => path.startsWith(`${from}/`) && hardLinkTo === undefined)
    .map(entry => ({ ...entry, path: to + entry.path.slice(from.length) }));

function sourceTree(source: SourcePackage, to: string, folders: readonly string[]): readonly ImageEntry[] {
  return withSource(source, out => {
    const [found] = globSync(`${source.name}-[0-9]*`, { cwd: out }).filter(name => !name.includes(".orig"));
    return folders.flatMap(folder => treeOf(join(out, found!, folder), `${to}/${folder}`, SUITES_USER.uid));
  });
}
function treeOf(host: string, to: string, owner: number): readonly ImageEntry[] {
  const placed = (path: string): string => (path === "/" ? to : to + path);
  return hostFolder(host).entries.map(({ hardLinkTo, ...entry }) => ({
    ...entry,
    path: placed(entry.path),
    uid: owner,
    gid: owner,
    ...(hardLinkTo === undefined ? {} : { hardLinkTo: placed(hardLinkTo) }),
  }));
}
