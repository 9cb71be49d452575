// Contents of a host's folder that are read when they are wanted: what the guest sees where this host changes them meanwhile.
import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HostContents } from "../../guest-images/host-contents.ts";
import { hostFolder } from "../../guest-images/host-folder.ts";
import { contentBytes } from "../../guest-images/stored-image.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";

const test = suite<{ folder: string; file: string }>("host contents");
test.before.each(context => {
  context.folder = mkdtempSync(join(tmpdir(), "chronix-contents-"));
  context.file = join(context.folder, "file");
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

function mounted(folder: string) {
  const notes: string[] = [];
  const contents = new HostContents(sentence => notes.push(sentence));
  const { entries } = hostFolder(folder, undefined, contents.read);
  const text = (path: string): string => Buffer.from(contentBytes(entries.find(entry => entry.path === path)!)).toString();
  return { contents, entries, notes, text };
}

test("what is wanted is what the eager copy holds, in the same pieces each time", ({ folder, file }) => {
  writeFileSync(file, Buffer.alloc(10_000, "abcdefg"));
  writeFileSync(join(folder, "empty"), "");
  const { entries, text } = mounted(folder);
  assert.is(text("/file"), Buffer.from(hostFolder(folder).entries.at(-1)!.content!).toString());
  assert.is(text("/empty"), "");
  const { stored } = entries.at(-1)!;
  assert.equal([stored!.length, stored!.piece(2).length], [10_000, 10_000 - 8192]);
  assert.is(stored!.piece(1), stored!.piece(1));
});
test("once the rest is read, nothing that this host does is seen", ({ folder, file }) => {
  writeFileSync(file, "before");
  const { contents, notes, text } = mounted(folder);
  contents.readRest();
  writeFileSync(file, "after!");
  assert.equal([text("/file"), notes], ["before", []]);
});
test("what is appended is not seen", ({ folder, file }) => {
  writeFileSync(file, "before");
  const { notes, text } = mounted(folder);
  appendFileSync(file, ", and more");
  assert.equal([text("/file"), notes], ["before", []]);
});
test("of another change a sentence tells; the length stays", ({ folder, file }) => {
  const changes = {
    "as long, later": () => {
      writeFileSync(file, "other!");
      utimesSync(file, 1, 1);
    },
    shorter: () => truncateSync(file, 3),
    replaced: () => {
      writeFileSync(`${file}.new`, "replacement");
      renameSync(`${file}.new`, file);
    },
  };
  const seen = Object.values(changes).map(change => {
    writeFileSync(file, "before");
    const { notes, text } = mounted(folder);
    change();
    const found = text("/file");
    assert.match(notes.join(), /^\/.*file was changed on this host while the guest started, which sees it as it is now\.$/);
    return found;
  });
  assert.equal(seen, ["other!", "bef\0\0\0", "replac"]);
});
test("what is gone is missed where the guest wants it, and not before", ({ folder, file }) => {
  writeFileSync(file, "before");
  const { contents, text } = mounted(folder);
  rmSync(file);
  contents.readRest();
  assert.throws(
    () => text("/file"),
    (error: unknown) => error instanceof UserMistake && /^Cannot read .*file to mount it \(ENOENT\)/.test(error.message),
  );
});

test.run();
