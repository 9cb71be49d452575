// needs: gcc
// Every x87 instruction with registers, stack, status and memory, against the real processor: edge cases, empty registers, exceptions masked and not.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { x87ExactLines, x87Lines } from "../../../engine/cpu/decode/x87-opcodes.ts";
import { fromFxsave, toFxsave } from "../../../engine/cpu/fxsave.ts";
import { Processor } from "../../../engine/cpu/processor.ts";
import { createRegisterFile, get, set } from "../../../engine/cpu/register-file.ts";
import { type Extended, kindOf } from "../../../engine/cpu/x87/extended.ts";
import { GuestMemory } from "../../../engine/memory/guest-memory.ts";
import { Random } from "../x87/operands.ts";

const CASES = 60;
const [AREA, MEMORY, RAX, RFLAGS, STATE_BYTES] = [0, 512, 640, 648, 656];
const CODE = 0x40_0000;
const DATA = 0x50_0000;

interface Instruction {
  readonly name: string;
  readonly code: readonly number[];
}
const RDI = 7;
function* instructions(): Generator<Instruction> {
  for (const [opcode, what] of x87Lines) {
    if (opcode > 0xff) continue;
    const [memory, register] = what.split("|").map(side => side.split("/")) as [string[], string[]];
    for (const [reg, text] of memory.entries()) if (text !== "-") yield { name: `${text} (${opcode.toString(16)}/${reg})`, code: [opcode, (reg << 3) | RDI] };
    for (const [reg, text] of register.entries())
      for (const place of [0, 1, 3, 7])
        if (text !== "-") yield { name: `${text}(${place}) (${opcode.toString(16)})`, code: [opcode, 0xc0 | (reg << 3) | place] };
  }
  for (const [opcode, name] of x87ExactLines) yield { name, code: [opcode >> 8, opcode & 0xff] };
  yield { name: "fwait", code: [0x9b] };
  yield { name: "emms", code: [0x0f, 0x77] };
}
/** Correctly rounded here and nearly so there: compared where the operands make the result exact. */
const transcendental = new Set(["f2xm1", "fyl2x", "fyl2xp1", "fpatan", "fptan", "fsin", "fcos", "fsincos"]);

const random = new Random();
const isOrdinary = (x: Extended): boolean => kindOf(x) === "normal" || kindOf(x) === "denormal";
function operand(isSpecial: boolean): Extended {
  let x = random.below(3) ? random.near(20) : random.operand();
  while (isSpecial && isOrdinary(x)) x = random.operand();
  return x;
}
function record(code: readonly number[], isSpecial: boolean): Uint8Array {
  const bytes = new Uint8Array(16 + STATE_BYTES);
  bytes[0] = code.length;
  bytes.set(code, 1);
  const view = new DataView(bytes.buffer, 16);
  const control = 0x340 | (random.below(4) << 10) | (random.below(3) ? 0x3f : random.below(64));
  view.setUint16(AREA, random.below(3) ? control : (control & ~0x300) | (random.pick([0, 2, 3]) << 8), true);
  // Nothing pending: that would be a signal.
  view.setUint16(AREA + 2, (random.below(0x1_0000) & 0x7f40) | (random.below(64) & control), true);
  view.setUint8(AREA + 4, random.below(3) ? 0xff : random.below(256));
  view.setUint32(AREA + 24, 0x1f80, true);
  for (let n = 0; n < 8; n++) {
    const { mantissa, signExponent } = operand(isSpecial);
    view.setBigUint64(AREA + 32 + 16 * n, mantissa, true);
    view.setUint16(AREA + 40 + 16 * n, signExponent, true);
  }
  for (let at = MEMORY; at < RAX; at += 8) view.setBigUint64(at, random.bits64(), true);
  const kind = random.below(5);
  if (kind === 0) view.setFloat32(MEMORY, random.pick([0, -0, 1, 1.5, -3, 1e-40, Infinity, NaN, 7e9]), true);
  if (kind === 1) view.setFloat64(MEMORY, random.pick([0, -0, 1, 1.5, -3, 1e-310, -Infinity, NaN, 7e19]), true);
  if (kind === 2) view.setInt32(MEMORY, random.below(10) - 5, true);
  if (kind === 3) {
    const { mantissa, signExponent } = operand(false);
    view.setBigUint64(MEMORY, mantissa, true);
    view.setUint16(MEMORY + 8, signExponent, true);
  }
  view.setBigUint64(RAX, random.bits64(), true);
  view.setBigUint64(RFLAGS, 0x202n | (BigInt(random.below(256)) & 0xd5n) | (BigInt(random.below(2)) << 11n), true);
  return bytes;
}

const memory = new GuestMemory({ maxFrames: 64 });
memory.resolver = () => ({ kind: "zero", isReadable: true, isWritable: true, isExecutable: true });
memory.createSpace(1);
const processor = new Processor(memory);

function ours(input: Uint8Array): Uint8Array {
  const view = new DataView(input.buffer, input.byteOffset + 16);
  memory.write(1, CODE, input.subarray(1, 16));
  memory.write(1, DATA, input.subarray(16 + MEMORY, 16 + RAX));
  const file = createRegisterFile();
  fromFxsave(file, input.subarray(16, 16 + 512));
  set(file, "rax", view.getBigUint64(RAX, true));
  set(file, "rflags", view.getBigUint64(RFLAGS, true));
  set(file, "rdi", BigInt(DATA));
  set(file, "rip", BigInt(CODE));
  const stop = processor.run(1, file, 1);
  if (stop.kind !== "budget") throw new Error(`stopped by ${JSON.stringify(stop)}`);
  const answer = new Uint8Array(STATE_BYTES);
  answer.set(toFxsave(file), AREA);
  answer.set(memory.read(1, DATA, 128)!, MEMORY);
  new BigUint64Array(answer.buffer).set([get(file, "rax"), get(file, "rflags")], RAX / 8);
  return answer;
}
/** In words, without the last instruction and operand, which Chronix does not keep. */
function shown(state: Uint8Array, isEnvironment: boolean): string {
  const view = new DataView(state.buffer, state.byteOffset, STATE_BYTES);
  const hex = (n: number | bigint): string => n.toString(16);
  const stack = [0, 1, 2, 3, 4, 5, 6, 7].map(n => `${hex(view.getUint16(AREA + 40 + 16 * n, true))}:${hex(view.getBigUint64(AREA + 32 + 16 * n, true))}`);
  const bytes = Buffer.from(state.subarray(MEMORY, RAX));
  if (isEnvironment) bytes.fill(0, 12, 28);
  return [
    `control ${hex(view.getUint16(AREA, true))} status ${hex(view.getUint16(AREA + 2, true))} tag ${hex(state[AREA + 4]!)} rax ${hex(view.getBigUint64(RAX, true))} rflags ${hex(view.getBigUint64(RFLAGS, true))}`,
    stack.join(" "),
    bytes.toString("hex"),
  ].join("\n");
}

const folder = mkdtempSync(join(tmpdir(), "chronix-x87-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const native = join(folder, "x87");
execFileSync("gcc", ["-O1", "-fcf-protection=none", "-no-pie", join(import.meta.dirname, "x87.c"), "-o", native]);

for (const { name, code } of instructions()) {
  test(name, () => {
    const isEnvironment = /fn?(stenv|save) /.test(name);
    const records = Array.from({ length: CASES }, () => record(code, transcendental.has(name)));
    const { stdout } = spawnSync(native, { input: Buffer.concat(records), maxBuffer: 2 * CASES * STATE_BYTES });
    assert.is(stdout.length, CASES * STATE_BYTES);
    for (const [i, input] of records.entries()) {
      const expected = shown(new Uint8Array(stdout.subarray(i * STATE_BYTES, (i + 1) * STATE_BYTES)), isEnvironment);
      assert.is(shown(ours(input), isEnvironment), expected, `from ${shown(input.slice(16), false)}`);
    }
  });
}
test.run();
