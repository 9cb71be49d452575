// What an ELF file's headers say, and that no file, however broken, does more than be refused.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { TASK_SIZE } from "../../engine/abi/constants/address-space.ts";
import { type Program, parseElf } from "../../engine/loader/elf.ts";
import { type ElfSpec, elfImage, PT_GNU_STACK, PT_INTERP, reader } from "./elf-image.ts";

const parse = (spec: ElfSpec) => parseElf(reader(elfImage(spec)));
const errnoOf = (spec: ElfSpec): string => {
  const parsed = parse(spec);
  return parsed.kind === "fail" ? parsed.errno : "loaded";
};
function programOf(spec: ElfSpec): Program {
  const parsed = parse(spec);
  if (parsed.kind === "fail") throw new Error(parsed.errno);
  return parsed.program;
}

test("a segment is mapped from whole pages, and zeros follow the file's bytes", () => {
  const { segments, headersAddress } = programOf({
    segments: [{}, { flags: 6, offset: 0x1708, address: 0x5d_b708, fileBytes: 0x9008, memoryBytes: 0x1_0450 }],
    size: 0xb000,
  });
  assert.equal(segments[0], { start: 0x40_0000, offset: 0, mappedBytes: 0x1000, protection: 5, zeroStart: 0x40_1000, zeroEnd: 0x40_1000 });
  assert.equal(segments[1], { start: 0x5d_b000, offset: 0x1000, mappedBytes: 0xa000, protection: 3, zeroStart: 0x5e_4710, zeroEnd: 0x5e_bb58 });
  assert.is(headersAddress, 0x40_0040);
});
test("a segment without file bytes is all zeros", () => {
  const { segments } = programOf({ segments: [{}, { flags: 6, address: 0x60_0123, fileBytes: 0, memoryBytes: 0x10 }] });
  assert.equal(segments[1], { start: 0x60_0000, offset: 0, mappedBytes: 0, protection: 3, zeroStart: 0x60_0000, zeroEnd: 0x60_0133 });
});
test("the stack is executable where the file says so, or says nothing", () => {
  assert.is(programOf({ segments: [{}] }).isStackExecutable, true);
  assert.is(programOf({ segments: [{}, { type: PT_GNU_STACK, flags: 6 }] }).isStackExecutable, false);
  assert.is(programOf({ segments: [{}, { type: PT_GNU_STACK, flags: 7 }] }).isStackExecutable, true);
});
test("an interpreter's path ends with a NUL within the file", () => {
  assert.is(errnoOf({ segments: [{}, { type: PT_INTERP, offset: 0x800, fileBytes: 1 }] }), "ENOEXEC");
  assert.is(errnoOf({ segments: [{}, { type: PT_INTERP, offset: 0x1ff0, fileBytes: 0x20 }] }), "EIO");
  const image = elfImage({ segments: [{}, { type: PT_INTERP, offset: 0x800, fileBytes: 8 }] });
  image.set(new TextEncoder().encode("/lib/ld"), 0x800);
  const parsed = parseElf(reader(image));
  assert.is(parsed.kind === "program" && new TextDecoder().decode(parsed.program.interpreter!), "/lib/ld");
});
test("what is no x86-64 program is refused", () => {
  assert.is(errnoOf({ segments: [{}], machine: 3 }), "ENOEXEC");
  assert.is(errnoOf({ segments: [{}], type: 1 }), "ENOEXEC");
  assert.is(errnoOf({ segments: [{}], headerBytes: 32 }), "ENOEXEC");
  assert.is(errnoOf({ segments: [{}], headersCount: 0 }), "ENOEXEC");
  assert.is(errnoOf({ segments: [{}], headersCount: 2000 }), "ENOEXEC");
  assert.is(errnoOf({ segments: [{}], headersOffset: 0x1fff }), "ENOEXEC");
  assert.is(errnoOf({ segments: [{}], entry: TASK_SIZE }), "ENOEXEC");
  assert.is(parseElf(reader(new Uint8Array(63))).kind, "fail");
});
test("segments that cannot be mapped are refused", () => {
  assert.is(errnoOf({ segments: [{ fileBytes: 0x1000, memoryBytes: 0xfff }] }), "EINVAL");
  assert.is(errnoOf({ segments: [{ address: TASK_SIZE }] }), "EINVAL");
  assert.is(errnoOf({ segments: [{ memoryBytes: TASK_SIZE }] }), "EINVAL");
  assert.is(errnoOf({ segments: [{ offset: 0x10, address: 0x40_0020 }] }), "EINVAL");
});
test("a segment of no bytes counts for nothing", () => {
  assert.is(errnoOf({ segments: [{ fileBytes: 0 }] }), "ENOEXEC");
  assert.is(programOf({ segments: [{}, { address: 0x10, fileBytes: 0 }] }).segments.length, 1);
});

test.run();
