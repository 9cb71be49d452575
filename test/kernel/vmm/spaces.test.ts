// What lies at a page, heaps, forks, limits, and who holds files and shared objects.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { resources } from "../../../engine/abi/constants/resource-limits.ts";
import { highestGap, isCovered } from "../../../engine/kernel/objects/areas.ts";
import { bytesOf } from "../../../engine/kernel/objects/binary-string.ts";
import { inodeOf } from "../../../engine/kernel/objects/inodes.ts";
import { mappingsOfInode } from "../../../engine/kernel/objects/mapped-objects.ts";
import { areasOf, forkSpace, type PageAnswer, pageAnswer, releaseSpace, spaceOf, writeBack } from "../../../engine/kernel/objects/spaces.ts";
import { MEMORY_BYTES, Session } from "./session.ts";

const PAGE = 4096;
const STACK_TOP = 0x7fff_ffff_f000;
const at = (session: Session, address: number, access: "read" | "write" | "execute" = "read", space = session.space): PageAnswer =>
  pageAnswer(session.kernel, space, Math.floor(address / PAGE), access);
const faultOf = (answer: PageAnswer): string => (answer.kind === "fault" ? `${answer.signal} ${answer.code}` : answer.kind);
const CONTENT = Uint8Array.from({ length: 10_000 }, (_, i) => i % 251);
function withFile(): { session: Session; fd: number } {
  const session = new Session({ "/file": { content: CONTENT } });
  return { session, fd: session.call("openat", { dirfd: -100, pathname: bytesOf("/file"), flags: 2, mode: 0 }) as number };
}
const map = (session: Session, addr: number, length: number, flags: number, fd = -1, offset = 0): number =>
  session.call("mmap", { addr, length, prot: 3, flags, fd, offset }) as number;
const [SHARED, PRIVATE, ANONYMOUS, GROWSDOWN, FIXED] = [1, 2, 0x20, 0x100, 0x10];

test("pages of a program are its file's pieces or zeros; others are faults with Linux's codes", () => {
  const session = new Session();
  const code = at(session, 0x40_0000, "execute");
  assert.is(code.kind === "bytes" && code.bytes?.[1], 0x45);
  assert.is(faultOf(at(session, 0x40_0000, "write")), "SIGSEGV 2");
  assert.is(faultOf(at(session, 0x40_2000, "write")), "zero");
  assert.is(faultOf(at(session, 0x40_2000, "execute")), "SIGSEGV 2");
  assert.is(faultOf(at(session, 0)), "SIGSEGV 1");
  assert.is(faultOf(at(session, STACK_TOP)), "SIGSEGV 1");
});
test("a file ends its mapping: SIGBUS beyond, zeros in its last page", () => {
  const { session, fd } = withFile();
  const address = map(session, 0, 5 * PAGE, PRIVATE, fd, PAGE);
  const first = at(session, address);
  assert.is(first.kind === "bytes" && first.bytes?.[0], 4096 % 251);
  const last = at(session, address + PAGE);
  assert.is(last.kind === "bytes" && last.bytes?.length, 10_000 - 2 * PAGE);
  assert.is(faultOf(at(session, address + 2 * PAGE)), "SIGBUS 2");
});
test("shared mappings of one file are one object, and the file is kept while it is mapped", () => {
  const { session, fd } = withFile();
  const inode = session.kernel.vfs.inodes.findIndex(one => one?.size === CONTENT.length);
  const one = map(session, 0, 2 * PAGE, SHARED, fd);
  const two = map(session, 0, PAGE, SHARED, fd, PAGE);
  const [here, there] = [at(session, one + PAGE), at(session, two)];
  assert.ok(here.kind === "shared" && there.kind === "shared" && here.object === there.object && here.index === 1 && there.index === 1);
  assert.equal([...session.kernel.vmm.sharedFiles], [inode]);
  session.call("close", { fd });
  assert.is(inodeOf(session.kernel, inode).holders, 1);
  writeBack(session.kernel, inode, 2, new Uint8Array(PAGE).fill(9));
  assert.is(inodeOf(session.kernel, inode).size, CONTENT.length);
  session.takeEffects();
  session.call("munmap", { addr: one, length: 2 * PAGE });
  assert.not(session.takeEffects().some(({ kind }) => kind === "forgetShared"));
  session.call("munmap", { addr: two, length: PAGE });
  assert.ok(session.takeEffects().some(({ kind }) => kind === "forgetShared"));
  assert.is(inodeOf(session.kernel, inode).holders, 0);
  assert.equal([...session.kernel.vmm.sharedFiles], []);
});
test("what is mapped is counted, and counted anew for a state of which it is not known", () => {
  const { session, fd } = withFile();
  const { kernel } = session;
  const inode = kernel.vfs.inodes.findIndex(one => one?.size === CONTENT.length);
  map(session, 0, PAGE, SHARED, fd);
  const own = map(session, 0, 2 * PAGE, PRIVATE, fd);
  const child = forkSpace(kernel, session.space);
  assert.equal({ ...mappingsOfInode(kernel, inode) }, { areas: 4, shared: 2, writable: 2 });
  const { holders } = inodeOf(kernel, inode);
  const counted = JSON.stringify([...kernel.vmm.mapped!].sort(([a], [b]) => a - b));
  // Then each space held each file that it mapped.
  for (const object of kernel.vmm.mapped!.keys()) if (object % 2 === 0) inodeOf(kernel, object / 2).holders++;
  delete kernel.vmm.mapped;
  session.call("munmap", { addr: own, length: PAGE });
  assert.equal({ ...mappingsOfInode(kernel, inode) }, { areas: 4, shared: 2, writable: 2 });
  assert.is(JSON.stringify([...kernel.vmm.mapped!].sort(([a], [b]) => a - b)), counted);
  assert.is(inodeOf(kernel, inode).holders, holders);
  releaseSpace(kernel, child);
  assert.equal({ ...mappingsOfInode(kernel, inode) }, { areas: 2, shared: 1, writable: 1 });
});
test("the stack is reached below its area, within its limit and away from what lies below", () => {
  const session = new Session();
  const limit = 8 << 20;
  assert.is(faultOf(at(session, STACK_TOP - limit, "write")), "zero");
  assert.is(faultOf(at(session, STACK_TOP - limit - 1, "write")), "SIGSEGV 1");
  map(session, STACK_TOP - (4 << 20), PAGE, PRIVATE | ANONYMOUS | FIXED);
  assert.is(faultOf(at(session, STACK_TOP - (4 << 20) + PAGE + 0x10_0000, "write")), "zero");
  assert.is(faultOf(at(session, STACK_TOP - (4 << 20) + 0x10_0000, "write")), "SIGSEGV 1");
  const growing = map(session, 0x1000_0000, PAGE, PRIVATE | ANONYMOUS | GROWSDOWN | FIXED);
  assert.is(faultOf(at(session, growing - PAGE, "write")), "zero");
});
test("mappings go from the top down, as without address randomisation", () => {
  const session = new Session();
  assert.is(map(session, 0, PAGE, PRIVATE | ANONYMOUS), 0x7fff_f7ff_c000);
  assert.is(map(session, 0, 2 * PAGE, PRIVATE | ANONYMOUS), 0x7fff_f7ff_a000);
  session.call("munmap", { addr: 0x7fff_f7ff_b000, length: PAGE });
  assert.is(map(session, 0, PAGE, PRIVATE | ANONYMOUS), 0x7fff_f7ff_b000);
  assert.is(map(session, 0x1234_5678, PAGE, PRIVATE | ANONYMOUS), 0x1234_6000);
  assert.is(map(session, 0, PAGE, PRIVATE | ANONYMOUS | 0x40), 0x4000_0000);
});
test("the heap grows and shrinks, and stops before what is in its way", () => {
  const session = new Session();
  const start = session.call("brk", { addr: 0 }) as number;
  assert.is(session.call("brk", { addr: start + 100 }), start + 100);
  assert.ok(session.maps().includes(`${start.toString(16)}-${(start + PAGE).toString(16)} rw-p [heap]`));
  assert.is(session.call("brk", { addr: start + 5 * PAGE }), start + 5 * PAGE);
  assert.is(session.call("brk", { addr: start + PAGE }), start + PAGE);
  assert.is(faultOf(at(session, start + PAGE)), "SIGSEGV 1");
  map(session, start + 4 * PAGE, PAGE, PRIVATE | ANONYMOUS | FIXED);
  assert.is(session.call("brk", { addr: start + 3 * PAGE + 1 }), start + PAGE);
  assert.is(session.call("brk", { addr: start - 1 }), start + PAGE);
  assert.is(session.call("brk", { addr: 2 ** 63 }), start + PAGE);
});
test("limits: address space, data, locked memory, and what the machine has", () => {
  const session = new Session();
  assert.is(session.call("mmap", { addr: 0, length: MEMORY_BYTES + PAGE, prot: 3, flags: PRIVATE | ANONYMOUS, fd: -1, offset: 0 }), "ENOMEM");
  assert.type(session.call("mmap", { addr: 0, length: MEMORY_BYTES + PAGE, prot: 3, flags: PRIVATE | ANONYMOUS | 0x4000, fd: -1, offset: 0 }), "number");
  session.setLimit(resources.RLIMIT_DATA, 1 << 20);
  assert.is(session.call("mmap", { addr: 0, length: 2 << 20, prot: 3, flags: PRIVATE | ANONYMOUS, fd: -1, offset: 0 }), "ENOMEM");
  assert.type(session.call("mmap", { addr: 0, length: 2 << 20, prot: 1, flags: PRIVATE | ANONYMOUS, fd: -1, offset: 0 }), "number");
  session.setLimit(resources.RLIMIT_AS, 1 << 20);
  assert.is(session.call("mmap", { addr: 0, length: 2 << 20, prot: 1, flags: PRIVATE | ANONYMOUS, fd: -1, offset: 0 }), "ENOMEM");
  const user = new Session();
  user.becomeUser();
  user.setLimit(resources.RLIMIT_MEMLOCK, 2 * PAGE);
  assert.is(user.call("mlock", { addr: 0x40_0000, length: 3 * PAGE }), "ENOMEM");
  assert.is(user.call("mlock", { addr: 0x40_0000, length: 2 * PAGE }), 0);
  assert.is(user.call("mlock", { addr: 0x40_2000, length: PAGE }), "ENOMEM");
  assert.is(user.call("mmap", { addr: 0x1000, length: PAGE, prot: 3, flags: PRIVATE | ANONYMOUS | FIXED, fd: -1, offset: 0 }), "EPERM");
});
test("a fork has the same areas, save for what madvise left out", () => {
  const session = new Session();
  const shared = map(session, 0, PAGE, SHARED | ANONYMOUS);
  const omitted = map(session, 0, PAGE, PRIVATE | ANONYMOUS);
  const wiped = map(session, 0x2000_0000, PAGE, PRIVATE | ANONYMOUS);
  session.call("madvise", { addr: omitted, length: PAGE, advice: 10 });
  session.call("madvise", { addr: wiped, length: PAGE, advice: 18 });
  session.takeEffects();
  const child = forkSpace(session.kernel, session.space);
  assert.equal(session.takeEffects(), [
    { kind: "forkSpace", parent: session.space, child },
    { kind: "unmap", space: child, start: wiped, end: wiped + PAGE },
    { kind: "unmap", space: child, start: omitted, end: omitted + PAGE },
  ]);
  assert.is(session.maps(child).length, session.maps().length - 1);
  assert.is(faultOf(at(session, omitted, "read", child)), "SIGSEGV 1");
  assert.equal(at(session, shared, "read", child), at(session, shared));
  session.call("munmap", { addr: shared, length: PAGE });
  assert.not(session.takeEffects().some(({ kind }) => kind === "forgetShared"));
  releaseSpace(session.kernel, child);
  assert.equal(
    session.takeEffects().map(({ kind }) => kind),
    ["forgetShared", "destroySpace"],
  );
});

test("from where the look for a gap begins, no page is free above", () => {
  const session = new Session();
  const space = spaceOf(session.kernel, session.space);
  let state = 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  let starts = 0;
  for (let step = 0; step < 600; step++) {
    const kind = next(3);
    const pages = 1 + next(4);
    if (kind === 0) session.call("munmap", { addr: space.mmapTop - (1 + next(60)) * PAGE, length: pages * PAGE });
    else {
      // As if the whole list had been looked through.
      const wanted = highestGap(areasOf(space), pages * PAGE, space.mmapTop);
      assert.is(session.call("mmap", { addr: 0, length: pages * PAGE, prot: next(4), flags: PRIVATE | ANONYMOUS, fd: -1, offset: 0 }), wanted, `step ${step}`);
    }
    assert.ok(isCovered(areasOf(space), space.fullFrom, space.mmapTop), `step ${step}`);
    if (space.fullFrom < space.mmapTop) starts++;
  }
  assert.ok(starts > 100, "it is not always the top");
});
test.run();
