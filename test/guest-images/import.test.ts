// needs: tar gzip xz
// Images that others made: layers with whiteouts, the config's command, environment and user, every form of archive, and archives that reach outside themselves.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Image } from "../../engine/loader/image.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { importImage } from "../../guest-images/import/import.ts";
import { contentBytes } from "../../guest-images/stored-image.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";

interface Context {
  folder: string;
  store: ImageStore;
}
const test = suite<Context>("import");
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-import-test-"));
  context.store = new ImageStore(join(context.folder, "home"));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

function files(root: string, contents: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}
const tar = (root: string, to: string, ...words: string[]): string => {
  execFileSync("tar", [...words, "-cf", to, "-C", root, "."]);
  return to;
};
/** Paths with what they hold: text, `-> target`, `= other name`, or `/`. */
const listing = ({ entries }: Image) =>
  Object.fromEntries(
    entries.map(entry => {
      const { path, kind, target, hardLinkTo } = entry;
      if (kind === "symlink") return [path, `-> ${target}`];
      if (hardLinkTo !== undefined) return [path, `= ${hardLinkTo}`];
      return [path, kind === "directory" ? "/" : Buffer.from(contentBytes(entry)).toString()];
    }),
  );

const CONFIG = { config: { Entrypoint: ["/bin/tool"], Cmd: ["--all"], Env: ["PATH=/opt:/bin", "A=b=c"], WorkingDir: "/srv", User: "web" } };
const LOWER = {
  "etc/passwd": "root:x:0:0::/:/bin/sh\nweb:x:77:88::/:/bin/sh\n",
  "a/gone": "1",
  "a/kept": "2",
  "o/under": "3",
  "o/deep/er": "4",
  "was/folder": "5",
};
const UPPER = { "a/.wh.gone": "", "a/new": "6", "o/.wh..wh..opq": "", "o/over": "7", was: "8" };
const MERGED = {
  ...{ "/": "/", "/a": "/", "/a/kept": "2", "/a/new": "6", "/etc": "/", "/etc/passwd": LOWER["etc/passwd"], "/hard": "2", "/link": "-> a/kept" },
  ...{ "/o": "/", "/o/over": "7", "/was": "8" },
};
function layers(folder: string): readonly [string, string] {
  const lower = files(join(folder, "lower"), LOWER);
  linkSync(join(lower, "a/gone"), join(lower, "was-hard"));
  linkSync(join(lower, "a/kept"), join(lower, "hard"));
  symlinkSync("a/kept", join(lower, "link"));
  return [tar(lower, join(folder, "lower.tar"), "--owner=5", "--group=6"), tar(files(join(folder, "upper"), UPPER), join(folder, "upper.tgz"), "-z")];
}
const merged = { ...MERGED, "/a/kept": "2", "/hard": "= /a/kept", "/was-hard": "1" };

test("docker save: layers, whiteouts, and how its program is started", async ({ folder, store }) => {
  const [lower, upper] = layers(folder);
  const saved = files(join(folder, "saved"), {
    "manifest.json": JSON.stringify([{ Config: "c.json", RepoTags: ["x:1"], Layers: ["1/layer.tar", "2/layer.tar"] }]),
    "c.json": JSON.stringify(CONFIG),
    "1/layer.tar": "",
    "2/layer.tar": "",
  });
  writeFileSync(join(saved, "1/layer.tar"), readFileSync(lower));
  writeFileSync(join(saved, "2/layer.tar"), readFileSync(upper));
  const image = await importImage({ path: tar(saved, join(folder, "My Image.tar")), store });
  assert.is(image.name, "my-image");
  assert.equal(listing(image), merged);
  assert.equal(image.config, {
    entrypoint: ["/bin/tool", "--all"],
    environment: { PATH: "/opt:/bin", HOME: "/root", A: "b=c" },
    workingDirectory: "/srv",
    user: { uid: 77, gid: 88 },
  });
  assert.equal(
    [image.entries.find(({ path }) => path === "/a/kept")].map(entry => [entry?.uid, entry?.gid]),
    [[5, 6]],
  );
});

test("an OCI layout, as a folder and as a tar, is the same image", async ({ folder, store }) => {
  const [lower, upper] = layers(folder);
  const layout = join(folder, "layout");
  const blob = (bytes: Uint8Array): string => {
    const digest = createHash("sha256").update(bytes).digest("hex");
    mkdirSync(join(layout, "blobs/sha256"), { recursive: true });
    writeFileSync(join(layout, "blobs/sha256", digest), bytes);
    return `sha256:${digest}`;
  };
  const json = (value: unknown) => blob(Buffer.from(JSON.stringify(value)));
  const layersIn = [lower, upper].map(path => ({ digest: blob(readFileSync(path)) }));
  const manifest = json({ config: { digest: json(CONFIG) }, layers: layersIn });
  const nested = json({
    manifests: [
      { digest: json({}), platform: { os: "linux", architecture: "arm64" } },
      { digest: manifest, platform: { os: "linux", architecture: "amd64" } },
    ],
  });
  writeFileSync(join(layout, "index.json"), JSON.stringify({ manifests: [{ digest: nested }] }));
  const image = await importImage({ path: layout, store });
  assert.equal(listing(image), merged);
  const archived = await importImage({ path: tar(layout, join(folder, "oci.tar")), store, name: "other" });
  assert.is(archived.digest, image.digest);
  assert.is(archived.name, "other");
});

test("a root file system: plain, gzip, xz, zstd and a folder", async ({ folder, store }) => {
  const root = files(join(folder, "root"), { "bin/sh": "shell", "etc/x": "y" });
  const plain = tar(root, join(folder, "r.tar"), "--owner=0", "--group=0");
  writeFileSync(join(folder, "r.tar.zst"), zstdCompressSync(readFileSync(plain)));
  const paths = [
    plain,
    tar(root, join(folder, "r.tgz"), "-z", "--owner=0", "--group=0"),
    tar(root, join(folder, "r.txz"), "-J", "--owner=0", "--group=0"),
    join(folder, "r.tar.zst"),
    root,
  ];
  const images: Image[] = [];
  for (const path of paths) images.push(await importImage({ path, store, name: "r" }));
  assert.is(new Set(images.map(({ digest }) => digest)).size, 1);
  assert.equal(listing(images[0]!), { "/": "/", "/bin": "/", "/bin/sh": "shell", "/etc": "/", "/etc/x": "y" });
  assert.equal(images[0]!.config.entrypoint, ["/bin/sh"]);
});

test("what is no image, or names files outside itself, is refused in a sentence", async ({ folder, store }) => {
  const refused = async (path: string, pattern: RegExp) => {
    try {
      await importImage({ path, store });
    } catch (error) {
      assert.instance(error, UserMistake);
      assert.match((error as Error).message, pattern);
      return;
    }
    assert.unreachable();
  };
  await refused(join(folder, "none"), /There is no/);
  writeFileSync(join(folder, "noise"), Buffer.alloc(2000, 7));
  await refused(join(folder, "noise"), /cannot be read as a tar archive/);
  const outside = files(join(folder, "outside"), { "manifest.json": JSON.stringify([{ Config: "../../secret", Layers: [] }]) });
  await refused(outside, /outside itself/);
  assert.equal(store.list(), []);
});

test.run();
