// execve: what is loaded, and what is refused with which errno.
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Effect } from "../../../engine/kernel/kernel.ts";
import { loadProgram } from "../../../engine/kernel/objects/programs.ts";
import { spaceOf } from "../../../engine/kernel/objects/spaces.ts";
import { FIRST_PROCESS, processOf, taskOf } from "../../../engine/kernel/objects/tasks.ts";
import { elfImage, PT_INTERP } from "../../loader/elf-image.ts";
import { bootWith, PROGRAM, Session, type TestFile } from "./session.ts";

const BIG = 0x2_0000;
function execute(files: Readonly<Record<string, TestFile>>, path: string, argv: readonly string[] = [path], environment: readonly string[] = []) {
  const session = new Session(files);
  const before = session.maps();
  const loaded = loadProgram(session.kernel, { tid: FIRST_PROCESS, path, argv, environment });
  const effects = session.takeEffects();
  if (loaded.kind === "fail") {
    assert.equal(effects, [], "a refused program leaves no effects");
    assert.equal(session.maps(), before, "a refused program changes nothing");
  }
  return { session, effects, errno: loaded.kind === "fail" ? loaded.errno : "loaded" };
}
const kinds = (effects: readonly Effect[]): readonly string[] => effects.map(({ kind }) => kind);
const argumentsOf = (session: Session): string => new TextDecoder("latin1").decode(spaceOf(session.kernel, session.space).arguments as Uint8Array);

test("the first program is mapped, and its stack, zeros and registers are effects", () => {
  const session = new Session();
  assert.equal(session.maps(), [
    "400000-401000 r-xp",
    "401000-402000 rw-p",
    "402000-405000 rw-p",
    "7ffff7ffd000-7ffff7ffe000 r--p [vvar]",
    "7ffff7ffe000-7ffff7fff000 r-xp [vdso]",
    "7ffffffde000-7ffffffff000 rw-p [stack]",
  ]);
  assert.equal(kinds(session.bootEffects), ["createSpace", "write", "write", "resetRegisters"]);
  const [, zeros, stack, registers] = session.bootEffects;
  assert.is(zeros?.kind === "write" && zeros.store.address, 0x40_1010);
  assert.is(zeros?.kind === "write" && zeros.store.bytes.length, 0xff0);
  assert.equal(registers?.kind === "resetRegisters" && registers.set, { rip: 0x40_0100, rsp: stack?.kind === "write" ? stack.store.address : 0 });
  assert.is(session.call("brk", { addr: 0 }), 0x40_5000);
});
test("execve replaces space, name and executable, and the old space goes", () => {
  const { session, effects } = execute({ "/bin/other-program-name": { content: PROGRAM }, "/bin/link": { target: "other-program-name" } }, "/bin/link", [
    "x",
    "y",
  ]);
  assert.equal(kinds(effects), ["createSpace", "write", "write", "resetRegisters", "destroySpace"]);
  assert.is(taskOf(session.kernel, FIRST_PROCESS).name, "link");
  assert.is(processOf(session.kernel, FIRST_PROCESS).executable.path, "/bin/other-program-name");
  assert.is(argumentsOf(session), "x\0y\0");
  assert.is(session.kernel.vmm.spaces.size, 1);
});
test("no arguments at all become one empty argument", () => {
  assert.is(argumentsOf(execute({}, "/bin/program", []).session), "\0");
});
test("a position-independent program goes to its base, its heap behind it", () => {
  const pie = elfImage({
    type: 3,
    entry: 0x100,
    segments: [{ address: 0 }, { flags: 6, offset: 0x1000, address: 0x1000, fileBytes: 0x10, memoryBytes: 0x20 }],
  });
  const { session, effects } = execute({ "/bin/pie": { content: pie } }, "/bin/pie");
  assert.equal(session.maps().slice(0, 2), ["555555554000-555555555000 r-xp", "555555555000-555555556000 rw-p"]);
  const registers = effects.find(effect => effect.kind === "resetRegisters");
  assert.is(registers?.kind === "resetRegisters" && registers.set.rip, 0x5555_5555_4100);
  assert.is(session.call("brk", { addr: 0 }), 0x5555_5555_6000);
});
test("an interpreter is loaded below the mappings and started", () => {
  const dynamic = elfImage({ segments: [{}, { type: PT_INTERP, offset: 0x800, fileBytes: 8 }] });
  dynamic.set(new TextEncoder().encode("/lib/ld"), 0x800);
  const loader = elfImage({ type: 3, entry: 0x40, segments: [{ address: 0 }] });
  const { session, effects } = execute({ "/bin/dynamic": { content: dynamic }, "/lib/ld": { content: loader } }, "/bin/dynamic");
  assert.ok(session.maps().includes("7ffff7ffe000-7ffff7fff000 r-xp"));
  const registers = effects.find(effect => effect.kind === "resetRegisters");
  assert.is(registers?.kind === "resetRegisters" && registers.set.rip, 0x7fff_f7ff_e040);
  assert.is(execute({ "/bin/dynamic": { content: dynamic } }, "/bin/dynamic").errno, "ENOENT");
  assert.is(execute({ "/bin/dynamic": { content: dynamic }, "/lib/ld": { content: "text" } }, "/bin/dynamic").errno, "ELIBBAD");
});
test("scripts name their interpreter, and may do so five deep", () => {
  const script = execute({ "/s": { content: "#!/bin/program -x\nrest" } }, "/s", ["zero", "one", "two"]);
  assert.is(argumentsOf(script.session), "/bin/program\0-x\0/s\0one\0two\0");
  assert.is(taskOf(script.session.kernel, FIRST_PROCESS).name, "s");
  const chain = (depth: number): Readonly<Record<string, TestFile>> =>
    Object.fromEntries(Array.from({ length: depth }, (_, i) => [`/s${i}`, { content: `#!${i === 0 ? "/bin/program" : `/s${i - 1}`}\n` }]));
  assert.is(execute(chain(5), "/s4").errno, "loaded");
  assert.is(execute(chain(6), "/s5").errno, "ELOOP");
  assert.is(execute({ "/s": { content: "#!/s\n" } }, "/s").errno, "ELOOP");
  assert.is(execute({ "/s": { content: "#!/nowhere\n" } }, "/s").errno, "ENOENT");
  assert.is(execute({ "/s": { content: "#!/plain\n" }, "/plain": { content: PROGRAM, mode: 0o644 } }, "/s").errno, "EACCES");
});
test("what cannot be executed is refused as Linux refuses it", () => {
  assert.is(execute({}, "").errno, "ENOENT");
  assert.is(execute({}, "/bin/absent").errno, "ENOENT");
  assert.is(execute({}, "/bin").errno, "EACCES");
  assert.is(execute({}, "/bin/program/x").errno, "ENOTDIR");
  assert.is(execute({}, "/dev/null").errno, "EACCES");
  assert.is(execute({ "/f": { content: PROGRAM, mode: 0o644 } }, "/f").errno, "EACCES");
  assert.is(execute({ "/f": { content: "" } }, "/f").errno, "ENOEXEC");
  assert.is(execute({ "/f": { content: "echo hi\n" } }, "/f").errno, "ENOEXEC");
});
test("arguments have limits: one string, and all together", () => {
  assert.is(execute({}, "/bin/program", ["x".repeat(BIG - 1)]).errno, "loaded");
  assert.is(execute({}, "/bin/program", ["x".repeat(BIG)]).errno, "E2BIG");
  assert.is(execute({}, "/bin/program", [], Array(15).fill("x".repeat(BIG - 1))).errno, "loaded");
  assert.is(execute({}, "/bin/program", [], Array(16).fill("x".repeat(BIG - 1))).errno, "E2BIG");
  assert.is(execute({}, "/bin/program", Array(300_000).fill("")).errno, "E2BIG");
});
test("more zeros than the machine has memory are refused", () => {
  const huge = elfImage({ segments: [{}, { flags: 6, address: 0x1000_0000, fileBytes: 0, memoryBytes: 0x4000_0000_0000 }] });
  assert.is(execute({ "/f": { content: huge } }, "/f").errno, "ENOMEM");
});
test("a thousand mutated programs are refused or loaded, never more", () => {
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const seen = new Map<string, number>();
  for (let i = 0; i < 1000; i++) {
    const image = PROGRAM.slice(0, next(4) === 0 ? next(PROGRAM.length) : PROGRAM.length);
    for (let change = 0; change <= next(8); change++) image[next(232)] = next(2) === 0 ? 0xff : next(256);
    const booted = bootWith({ "/bin/program": { content: image } });
    const outcome = booted.kind === "fail" ? booted.errno : "booted";
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  for (const outcome of seen.keys()) assert.ok(["booted", "ENOEXEC", "EINVAL", "ENOMEM", "EPERM", "EIO", "ENOENT", "EACCES"].includes(outcome), outcome);
  assert.ok(seen.get("ENOEXEC")! > 50 && seen.get("booted")! > 50);
});

test.run();
