// A mounted folder's contents may be held in the state or be read when they are wanted: no guest can tell, neither by what it reads nor by how much room is left.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { bytesOf } from "../../../engine/kernel/objects/binary-string.ts";
import type { ImageEntry } from "../../../engine/loader/image.ts";
import { FileKernel, file } from "./file-kernel.ts";

const O_RDWR = 2;
const O_TRUNC = 0o1000;
const FALLOC_FL_PUNCH_HOLE = 3;
const SEEK_DATA = 3;
const SEEK_HOLE = 4;
const long = "0123456789".repeat(1000);
const root: ImageEntry = { path: "/", kind: "directory", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 1 };
const held: readonly ImageEntry[] = [root, ...["a", "b", "c", "d", "e"].map(name => file(`/${name}`, long)), file("/empty", "")];
const wanted = held.map(({ content, ...entry }): ImageEntry => {
  if (!content) return entry;
  const pieces = Array.from({ length: Math.ceil(content.length / 4096) }, (_, index) => content.subarray(index * 4096, (index + 1) * 4096));
  return { ...entry, stored: { digest: entry.path, length: content.length, piece: index => pieces[index]! } };
});

/** What each step leaves. */
function story(entries: readonly ImageEntry[]): readonly unknown[] {
  const machine = new FileKernel([{ path: "/mnt", isReadOnly: false, entries }]);
  const open = (name: string, flags = O_RDWR) => machine.call("open", `/mnt/${name}`, flags, 0).value;
  const steps: Readonly<Record<string, () => unknown>> = {
    nothing: () => machine.textOf("/mnt/empty"),
    "data and holes": () => [SEEK_DATA, SEEK_HOLE].map(whence => machine.call("lseek", open("a"), 5000, whence).value),
    "one byte": () => machine.call("pwrite64", open("a"), "X", 1, 5000).value,
    growing: () => machine.call("pwrite64", open("b"), "Y", 1, 100_000).value,
    cutting: () => machine.call("ftruncate", open("c"), 4100).value,
    emptying: () => open("d", O_RDWR | O_TRUNC),
    "a hole": () => machine.call("fallocate", open("e"), FALLOC_FL_PUNCH_HOLE, 0, 8192).value,
    removing: () => ["a", "c", "e"].map(name => machine.call("unlink", `/mnt/${name}`).value),
    "no room": () => {
      const { system } = machine.kernel;
      system.limits.fileBytes = system.fileBytesInUse + 4096;
      return machine.call("pwrite64", open("b"), bytesOf("Z".repeat(9000)), 9000, 20_000).value;
    },
  };
  return Object.entries(steps).map(([name, act]) => {
    const result = act();
    const texts = ["a", "b", "c", "d", "e"].map(file => (machine.call("access", `/mnt/${file}`, 0).value === 0 ? machine.textOf(`/mnt/${file}`) : null));
    return { name, result, texts, used: machine.kernel.system.fileBytesInUse, free: machine.call("statfs", "/mnt").outs };
  });
}
test("each step leaves the same", () => {
  const [one, other] = [story(held), story(wanted)];
  assert.equal(one, other);
  assert.is(new Set(one.map(step => JSON.stringify(step))).size, one.length);
});
test.run();
