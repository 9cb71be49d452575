// The calls of native-calls.txt, with the results that Linux 6.18 gave them (oracle.c), made here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { int32, int64, uint64 } from "../../../engine/abi/memory-view.ts";
import { bytesOf } from "../../../engine/kernel/objects/binary-string.ts";
import { Session } from "./session.ts";

const lines = readFileSync(join(import.meta.dirname, "native-calls.txt"), "utf8")
  .trim()
  .split("\n");

function openFiles(session: Session): void {
  const open = (path: string, flags: number): unknown => session.call("openat", { dirfd: -100, pathname: bytesOf(path), flags, mode: 0 });
  assert.equal(
    [open("/file", 2), open("/file", 0), open("/file", 1), open("/", 0o200000), session.call("pipe", { pipefd: 0 }), session.call("close", { fd: 8 })],
    [3, 4, 5, 6, 0, 0],
  );
  assert.equal([open("/dev/zero", 2), open("/file", 0o2002)], [8, 9]);
}
type Numbers = (at: number) => bigint;
const calls: Readonly<Record<string, (session: Session, arg: Numbers) => number | string>> = {
  mmap: (session, arg) =>
    session.call("mmap", {
      addr: uint64(arg(0)),
      length: uint64(arg(1)),
      prot: int32(arg(2)),
      flags: int32(arg(3)),
      fd: int32(arg(4)),
      offset: int64(arg(5)),
    }),
  munmap: (session, arg) => session.call("munmap", { addr: uint64(arg(0)), length: uint64(arg(1)) }),
  mprotect: (session, arg) => session.call("mprotect", { addr: uint64(arg(0)), length: uint64(arg(1)), prot: int32(arg(2)) }),
  mremap: (session, arg) =>
    session.call("mremap", {
      old_address: uint64(arg(0)),
      old_size: uint64(arg(1)),
      new_size: uint64(arg(2)),
      flags: int32(arg(3)),
      new_address: uint64(arg(4)),
    }),
  madvise: (session, arg) => session.call("madvise", { addr: uint64(arg(0)), length: uint64(arg(1)), advice: int32(arg(2)) }),
  msync: (session, arg) => session.call("msync", { addr: uint64(arg(0)), length: uint64(arg(1)), flags: int32(arg(2)) }),
  mincore: (session, arg) =>
    session.call("mincore", { addr: uint64(arg(0)), length: uint64(arg(1)), vec: new Uint8Array(Math.min(Math.ceil(uint64(arg(1)) / 4096), 65_536)).fill(1) }),
  mlock: (session, arg) => session.call("mlock", { addr: uint64(arg(0)), length: uint64(arg(1)) }),
  munlock: (session, arg) => session.call("munlock", { addr: uint64(arg(0)), length: uint64(arg(1)) }),
  mlock2: (session, arg) => session.call("mlock2", { addr: uint64(arg(0)), length: uint64(arg(1)), flags: int32(arg(2)) }),
  mlockall: (session, arg) => session.call("mlockall", { flags: int32(arg(0)) }),
  munlockall: session => session.call("munlockall", {}),
};

test("every call ends as on Linux", () => {
  const session = new Session({ "/file": { content: new Uint8Array(10_000) } });
  openFiles(session);
  const ours = lines.map(line => {
    const [call, expected] = line.split(" = ");
    const [name, ...words] = call!.split(" ");
    if (name === "#") return line;
    const result = calls[name!]!(session, at => (words[at]?.startsWith("-") ? -BigInt(words[at].slice(1)) : BigInt(words[at] ?? 0)));
    const text = typeof result === "string" ? result : expected === "somewhere" ? expected : result === 0 ? "0" : `0x${result.toString(16)}`;
    return `${call} = ${text}`;
  });
  assert.equal(ours.join("\n"), lines.join("\n"));
});

test.run();
