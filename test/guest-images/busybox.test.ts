// The pull, with a fake archive in place of the network: the pin, an archive that has moved on, one that cannot be reached, and packages that are damaged.
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { packTar, type TarEntry } from "modern-tar";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { busyboxImage, pullBusybox } from "../../guest-images/busybox.ts";
import { packageFiles } from "../../guest-images/deb.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import manifest from "../../guest-images/manifest.json" with { type: "json" };
import { UserMistake } from "../../guest-images/user-mistake.ts";

const isMistake = (pattern: RegExp) => (error: unknown) => error instanceof UserMistake && pattern.test(error.message);
async function rejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(isMistake(pattern)(error), `${error} should be a sentence like ${pattern}`);
}

function arMember(name: string, content: Uint8Array): Buffer {
  const header = `${name.padEnd(16)}${"0".padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(content.length).padEnd(10)}\`\n`;
  return Buffer.concat([Buffer.from(header), content, Buffer.alloc(content.length % 2, "\n")]);
}
const PROGRAM = Buffer.from(`\x7fELF${["[", "[[", ..."abcdefghijklmnopqrstuvwxyz"].map(name => `\0${name}`).join("")}\0`, "latin1");
const entries = (path = "./bin/busybox"): TarEntry[] => [
  { header: { name: "./bin/", size: 0, type: "directory", mode: 0o755 } },
  { header: { name: path, size: PROGRAM.length, mode: 0o755, mtime: new Date(1_000_000_000_000) }, body: PROGRAM },
];
async function packageWith(tarEntries: TarEntry[], [name, compress]: readonly [string, (bytes: Uint8Array) => Uint8Array] = ["data.tar.gz", gzipSync]) {
  const data = compress(await packTar(tarEntries));
  return Buffer.concat([Buffer.from("!<arch>\n"), arMember("debian-binary", Buffer.from("2.0\n")), arMember(name, data)]);
}

const pulls = suite<{ folder: string; store: ImageStore }>("pulling busybox");
pulls.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-pull-"));
  context.store = new ImageStore(context.folder);
});
pulls.after.each(({ folder }) => rmSync(folder, { recursive: true }));

pulls("an archive that has moved on gives its current version, and a sentence says so", async ({ store }) => {
  const said: string[] = [];
  const bytes = await packageWith(entries());
  const image = await pullBusybox({ store, onProgress: sentence => said.push(sentence), fetch: async () => ({ version: "1:9.99-1", bytes }) });
  assert.match(said.join("\n"), `The archive has moved on from ${manifest.version}: this is 1:9.99-1, checked by the archive's signed metadata.`);
  assert.is(store.open("busybox").digest, image.digest);
});
pulls("the pinned version must have the pinned digest", async ({ store }) => {
  const bytes = await packageWith(entries());
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await rejects(
    pullBusybox({ store, fetch: async () => ({ version: manifest.version, bytes }) }),
    new RegExp(`SHA-256 ${sha256}, not the pinned ${manifest.sha256}`),
  );
  assert.not.ok(store.has("busybox"));
});
pulls("where nothing can be fetched, one sentence names the embedded image", async ({ store }) => {
  await rejects(pullBusybox({ store, fetch: async () => null }), /^Could not fetch Debian's package busybox-static: .*chronix image pull busybox.*"demo"\.$/);
});
pulls("a package without the program, or that is no package, is refused", async ({ store }) => {
  const pull = (bytes: Uint8Array) => pullBusybox({ store, fetch: async () => ({ version: "0", bytes }) });
  await rejects(pull(await packageWith(entries("./bin/other"))), /holds no \/bin\/busybox/);
  await rejects(pull(Buffer.from("<html>not found</html>")), /is not a Debian package/);
  await rejects(pull((await packageWith(entries())).subarray(0, 200)), /cut off or damaged/);
  await rejects(pull(Buffer.concat([Buffer.from("!<arch>\n"), arMember("control.tar", Buffer.alloc(0))])), /no data\.tar/);
});
pulls.run();

const image = suite("the image around it");
image("every applet of the binary's table is a link, and the same package gives the same digest", async () => {
  const bytes = await packageWith(entries());
  const [one, other] = [await busyboxImage({ version: "1", bytes }), await busyboxImage({ version: "1", bytes })];
  assert.is(one.digest, other.digest);
  const links = one.entries.filter(({ target }) => target === "/bin/busybox").map(({ path }) => path);
  assert.is(links.length, 28);
  assert.ok(links.includes("/usr/bin/["));
  const program = one.entries.find(({ path }) => path === "/bin/busybox")!;
  assert.equal([program.mode, program.mtimeSeconds, Buffer.from(program.content!).equals(PROGRAM)], [0o755, 1_000_000_000, true]);
});
image("merged /usr is found too, and each compression of deb(5) is read", async () => {
  for (const kind of [["data.tar", (bytes: Uint8Array) => bytes] as const, ["data.tar.gz", gzipSync] as const, ["data.tar.zst", zstdCompressSync] as const]) {
    const bytes = await packageWith(entries("./usr/bin/busybox"), kind);
    assert.equal((await packageFiles(bytes)).map(({ path }) => path).sort(), ["/bin", "/usr/bin/busybox"]);
    assert.match((await busyboxImage({ version: "1", bytes })).digest, /^sha256:[0-9a-f]{64}$/);
  }
});
image.run();
