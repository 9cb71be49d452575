// An image's files become inodes of the state when something asks for them: no guest can tell, whatever it looks at first, from a machine that had all of them at boot.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fanotifyEvents, fanotifyMarks } from "../../../engine/abi/constants/fanotify.ts";
import { inotifyEvents } from "../../../engine/abi/constants/inotify-events.ts";
import type { Bytes } from "../../../engine/abi/memory-view.ts";
import { plantAll, withAllInodes } from "../../../engine/kernel/objects/image-inodes.ts";
import { directoryOf } from "../../../engine/kernel/objects/landlock.ts";
import { removeMount } from "../../../engine/kernel/objects/mounts.ts";
import { placeOf } from "../../../engine/kernel/objects/standard-files.ts";
import type { KernelState } from "../../../engine/kernel/state/kernel-state.ts";
import { hasEntry, storedContents } from "../../../engine/loader/image.ts";
import { type Image, type ImageEntry, makeImage } from "../../../guest-images/image.ts";
import { ImageStore } from "../../../guest-images/image-store.ts";
import { BootState } from "../../../snapshots/boot-state.ts";
import { contentHash } from "../../../snapshots/content.ts";
import { decodeValue, ValueEncoder } from "../../../snapshots/value-codec.ts";
import { randomOf } from "../../events/sample-events.ts";
import { saved, unlisted } from "../../guest-images/saved-image.ts";
import { differencesOf } from "../../laws/fingerprint.ts";
import { FileKernel, file, IMAGE } from "./file-kernel.ts";

const [O_CREAT, O_WRONLY, O_DIRECTORY] = [0o100, 1, 0o200000];
const AT_REMOVEDIR = 0x200;

const directory = (path: string, mode: number, mtimeSeconds: number): ImageEntry => ({ path, kind: "directory", mode, uid: 3, gid: 4, mtimeSeconds });
/** Names that lie between a folder's name and what is in it, in the order of bytes. */
const NAMES = ["a", "a-b", "a.c", "b", "ab", "\xff", "long name of more than a few characters"];
function randomImage(random: (below: number) => number): Image {
  const entries = new Map<string, ImageEntry>([["/", directory("/", 0o711, 77)]]);
  const folders = ["", "/etc", "/tmp"];
  for (const path of ["/etc", "/tmp"]) entries.set(path, directory(path, 0o755, random(9999)));
  const files: string[] = [];
  for (let i = 0; i < 80; i++) {
    const path = `${folders[random(folders.length)]}/${NAMES[random(NAMES.length)]}`;
    if (entries.has(path)) continue;
    const owned = { path, mode: random(0o10000), uid: random(5), gid: random(5), mtimeSeconds: random(9999) };
    const kind = random(8);
    if (kind < 3) {
      entries.set(path, { ...owned, kind: "directory" });
      folders.push(path);
    } else if (kind === 3) entries.set(path, { ...owned, kind: "symlink", target: `/${NAMES[random(NAMES.length)]}` });
    else if (kind === 4 && files.length > 0) entries.set(path, { ...owned, kind: "file", hardLinkTo: files[random(files.length)]! });
    else if (kind === 5) entries.set(path, random(2) ? { ...owned, kind: "fifo" } : { ...owned, kind: "block", device: [8, random(4)] });
    else {
      entries.set(path, { ...file(path, "x".repeat(random(6000))), ...owned });
      files.push(path);
    }
  }
  return makeImage("random", entries.values(), IMAGE.config);
}
const MOUNTS = [
  { path: "/etc/mounted", isReadOnly: false, entries: [directory("/", 0o755, 5), file("/inside", "told")] },
  { path: "/tmp/a", isReadOnly: false, entries: [{ ...file("/", "instead"), path: "/" }] },
];

/** A machine of each kind, asked the same in turn. */
class Pair {
  readonly image: Image;
  readonly listed: FileKernel;
  readonly planted: FileKernel;
  readonly #boot: BootState;
  constructor(image: Image, mounts: typeof MOUNTS = []) {
    this.image = image;
    this.listed = new FileKernel(mounts, {}, image);
    this.planted = new FileKernel(mounts, {}, unlisted(image));
    this.#boot = new BootState(this.listed.store.current, image);
  }
  /** Answers what both say. */
  ask<T>(question: (machine: FileKernel) => T): T {
    const [one, other] = [question(this.listed), question(this.planted)];
    assert.equal(one, other);
    return one;
  }
  /** The listed machine goes on from what a keyframe has of it. */
  reload(): void {
    const { listed, image } = this;
    const { value, leftOut } = this.#boot;
    const hashes = new Map<string, Bytes>();
    const refer = (bytes: Bytes): Bytes => {
      hashes.set(contentHash(bytes), bytes);
      return new Uint8Array(Buffer.from(contentHash(bytes), "hex"));
    };
    const references: Bytes[] = [];
    const contents = { refer: (bytes: Bytes) => references.push(bytes) - 1, name: refer };
    const recall = (reference: number | Bytes) =>
      typeof reference === "number" ? references[reference]! : hashes.get(Buffer.from(reference as Uint8Array).toString("hex"))!;
    const encoded = new ValueEncoder(value, leftOut).encode(listed.store.current, contents);
    const before = withAllInodes(listed.store.current, storedContents(image));
    listed.store.current = decodeValue(encoded, recall, value, leftOut) as KernelState;
    assert.is(differencesOf({ state: before }, { state: withAllInodes(listed.store.current, storedContents(image)) }), "");
  }
  get unasked(): number {
    return this.listed.store.current.vfs.inodes.filter(inode => inode === undefined).length;
  }
  assertSame(): void {
    const state = withAllInodes(this.listed.store.current, storedContents(this.image));
    assert.is(differencesOf({ state }, { state: this.planted.store.current }), "");
    this.listed.store.assertTree();
  }
}
function listed(machine: FileKernel, path: string): unknown {
  const { value: fd } = machine.call("open", path, O_DIRECTORY, 0);
  if (typeof fd !== "number") return fd;
  const { outs } = machine.call("getdents64", fd, 0, 65_536);
  machine.call("close", fd);
  return outs;
}
function written(machine: FileKernel, path: string): unknown {
  const { value: fd } = machine.call("open", path, O_CREAT | O_WRONLY, 0o644);
  return typeof fd === "number" ? [fd, machine.call("write", fd, "new", 3), machine.call("close", fd)] : fd;
}
/** One of the things that a guest does with names. */
function act(random: (below: number) => number, paths: readonly string[]): (machine: FileKernel) => unknown {
  const [path, other] = [paths[random(paths.length)]!, `${paths[random(paths.length)]!}${random(2) ? "" : "/new"}`];
  const acts: readonly ((machine: FileKernel) => unknown)[] = [
    machine => machine.call("lstat", path),
    machine => machine.call("stat", path),
    machine => listed(machine, path),
    machine => machine.call("readlink", path, 0, 100),
    machine => machine.call("statfs", "/"),
    machine => machine.call("chmod", path, 0o700),
    machine => machine.call("unlink", path),
    machine => machine.call("unlinkat", -100, path, AT_REMOVEDIR),
    machine => machine.call("rename", path, other),
    machine => machine.call("link", path, other),
    machine => machine.call("mkdir", other, 0o755),
    machine => machine.call("truncate", path, 10),
    machine => written(machine, other),
  ];
  return acts[random(acts.length)]!;
}

interface Context {
  folder: string;
  store: ImageStore;
}
const test = suite<Context>("files of an image that nobody has asked for");
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-inodes-"));
  context.store = new ImageStore(context.folder);
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true }));

test("whatever is done first, calls tell the same, and what is left is the same", ({ store }) => {
  for (let seed = 1; seed <= 12; seed++) {
    const random = randomOf(seed);
    const image = saved(store, randomImage(random));
    const pair = new Pair(image, seed % 2 ? MOUNTS : []);
    pair.assertSame();
    const paths = image.entries.map(({ path }) => path);
    for (let i = 0; i < 150; i++) {
      pair.ask(act(random, paths));
      if (random(30) === 0) pair.reload();
    }
    pair.assertSame();
  }
});
test("a boot makes inodes of what it needs alone, and a path of what lies on it", ({ store }) => {
  const folders = Array.from({ length: 20 }, (_, i) => directory(`/d${i}`, 0o755, 9));
  const files = folders.flatMap(({ path }) => Array.from({ length: 50 }, (_, i) => file(`${path}/f${i}`, "text")));
  const pair = new Pair(saved(store, makeImage("many", [...IMAGE.entries, ...folders, ...files], IMAGE.config)));
  const all = folders.length + files.length;
  assert.ok(pair.unasked >= all, `${pair.unasked} of ${all}`);
  const before = pair.unasked;
  assert.is(
    pair.ask(machine => machine.textOf("/d7/f9")),
    "text",
  );
  assert.is(pair.unasked, before - 2);
  assert.is(
    pair.ask(machine => machine.call("access", "/d7/none", 0).value),
    "ENOENT",
  );
  assert.is(pair.unasked, before - 2);
});
const { IN_MODIFY } = inotifyEvents;
const { FAN_MODIFY, FAN_EVENT_ON_CHILD } = fanotifyEvents;
const watchers: Readonly<Record<string, (machine: FileKernel) => number>> = {
  inotify(machine) {
    const fd = machine.call("inotify_init").value as number;
    machine.call("inotify_add_watch", fd, "/d", IN_MODIFY);
    return fd;
  },
  fanotify(machine) {
    const fd = machine.call("fanotify_init").value as number;
    machine.call("fanotify_mark", fd, fanotifyMarks.FAN_MARK_ADD, FAN_MODIFY | FAN_EVENT_ON_CHILD, -100, "/d");
    return fd;
  },
};
for (const [name, watch] of Object.entries(watchers))
  test(`who watches a folder learns of the files in it after a keyframe, which does not hold the folder: ${name}`, ({ store }) => {
    const pair = new Pair(saved(store, makeImage("watched", [...IMAGE.entries, directory("/d", 0o755, 9), file("/d/f", "text")], IMAGE.config)));
    const watching = pair.ask(watch);
    const fd = pair.ask(machine => machine.call("open", "/d/f", O_WRONLY).value);
    pair.reload();
    const { unasked } = pair;
    pair.ask(machine => machine.call("write", fd, "new", 3));
    assert.is(pair.unasked, unasked - 1);
    assert.ok(pair.ask(machine => machine.call("read", watching, 0, 100)).outs.buf.length > 0);
  });
test("the first folder that has a file is found, asked for or not", ({ store }) => {
  const shared = { ...file("/z/second", "one"), hardLinkTo: "/b/first" };
  const image = makeImage("linked", [...IMAGE.entries, directory("/b", 0o755, 1), file("/b/first", "one"), directory("/z", 0o755, 1), shared], IMAGE.config);
  const pair = new Pair(saved(store, image));
  pair.ask(({ kernel }) => directoryOf(kernel, (placeOf(kernel, "/z/second") as { inode: number }).inode));
});
test("a file system that goes leaves the same numbers free", ({ store }) => {
  const pair = new Pair(saved(store, randomImage(randomOf(99))));
  pair.ask(({ kernel }) => {
    removeMount(kernel, 0);
    return [...kernel.vfs.freeInodes];
  });
});
test("all at once are those of the start", ({ store }) => {
  const pair = new Pair(saved(store, randomImage(randomOf(5))));
  plantAll(pair.listed.kernel);
  assert.is(pair.unasked, 0);
  pair.assertSame();
});
test("an image's program is looked for in its list", ({ store }) => {
  const image = saved(store, randomImage(randomOf(3)));
  const has = (path: string) => [hasEntry(image, path), hasEntry(unlisted(image), path)];
  for (const { path } of image.entries) assert.equal(has(path), [true, true]);
  for (const path of ["", "/etc/", "/none", "/\xff\xff", "/a-"]) assert.equal(has(path), [false, false]);
});
test("folders on the way to an image's program may be links", ({ store }) => {
  const link = (path: string, target: string): ImageEntry => ({ path, kind: "symlink", mode: 0o777, uid: 0, gid: 0, mtimeSeconds: 0, target });
  const links = [link("/bin", "usr/bin"), link("/sbin", "/usr/../bin/./"), link("/loop", "loop"), link("/lost", "/nowhere"), link("/usr/bin/lost", "/nowhere")];
  const folders = ["/", "/usr", "/usr/bin"].map(path => directory(path, 0o755, 0));
  const image = saved(store, makeImage("links", [...folders, ...links, file("/usr/bin/tool", "")], IMAGE.config));
  const has = (path: string) => [hasEntry(image, path), hasEntry(unlisted(image), path)];
  for (const path of ["/bin", "/bin/tool", "/sbin/tool", "//bin/.././bin/tool", "/bin/lost", "/lost"]) assert.equal(has(path), [true, true], path);
  for (const path of ["/bin/none", "/bin/../sbin/tool", "/loop/tool", "/lost/tool", "/bin/tool/", "bin/tool"]) assert.equal(has(path), [false, false], path);
});

test.run();
