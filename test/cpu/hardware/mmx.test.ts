// needs: gcc
// Every MMX instruction, between registers and with memory, against the real processor: the whole x87 state and the XMM registers afterwards.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mmxLines } from "../../../engine/cpu/decode/mmx-opcodes.ts";
import { PREFIX } from "../../../engine/cpu/decode/opcodes.ts";
import { fromFxsave, toFxsave } from "../../../engine/cpu/fxsave.ts";
import { Processor } from "../../../engine/cpu/processor.ts";
import { createRegisterFile, get, set } from "../../../engine/cpu/register-file.ts";
import { GuestMemory } from "../../../engine/memory/guest-memory.ts";
import { Random } from "../x87/operands.ts";

const CASES = 40;
const [MXCSR, REGISTERS, XMM, MEMORY, RAX, RFLAGS, STATE_BYTES] = [24, 32, 160, 512, 640, 648, 656];
const XMM_END = XMM + 256;
const CODE = 0x40_0000;
const DATA = 0x50_0000;
const prefixes: readonly (readonly [number, readonly number[]])[] = [
  [PREFIX[0xf2], [0xf2]],
  [PREFIX[0xf3], [0xf3]],
  [PREFIX[0x66], [0x66]],
  [0, []],
];
const RDI = 7;

interface Instruction {
  readonly name: string;
  code(immediate: number): readonly number[];
}
function* instructions(): Generator<Instruction> {
  for (const [key, what] of mmxLines(PREFIX)) {
    const prefix = prefixes.find(([bits]) => key >= bits)!;
    const opcode = key - prefix[0];
    const bytes = opcode > 0xffff ? [0x0f, (opcode >> 8) & 0xff, opcode & 0xff] : [0x0f, opcode & 0xff];
    const groups = what.split("/");
    for (const [place, text] of groups.entries()) {
      const [name = "", ...operands] = text.split(" ");
      if (name === "-") continue;
      const list = operands.join(" ");
      const reg = groups.length > 1 ? place : 2;
      const tail = (immediate: number) => (list.endsWith("Ib") ? [immediate] : []);
      for (const rex of /y/.test(list) ? [[], [0x48]] : [[]]) {
        const start = [...prefix[1], ...rex, ...bytes];
        if (list === "") yield { name, code: () => start };
        else if (!list.includes("M"))
          yield { name: `${text} ${rex.length}`, code: immediate => [...start, 0xc0 | (reg << 3) | (list.includes("E") ? 0 : 5), ...tail(immediate)] };
        if (/[EQWM]/.test(list)) yield { name: `${text} ${rex.length} with memory`, code: immediate => [...start, (reg << 3) | RDI, ...tail(immediate)] };
      }
    }
  }
}

const random = new Random();
const special = [0n, 0x8000_7fff_0001_ffffn, 0x8080_7f7f_ff00_01ffn, 3n, 20n, 0x3f80_0000_bfc0_0000n, 0x7fc0_0000_4f00_0000n, 0x41df_ffff_ffc0_0000n];
const word = (): bigint => (random.below(3) ? random.bits64() : random.pick(special));
function record(code: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16 + STATE_BYTES);
  bytes[0] = code.length;
  bytes.set(code, 1);
  const view = new DataView(bytes.buffer, 16);
  view.setUint16(0, 0x37f, true);
  view.setUint16(2, random.below(8) << 11, true);
  view.setUint8(4, random.below(256));
  view.setUint32(MXCSR, random.below(2) ? 0x1f80 : 0x1f80 | (random.below(4) << 13) | (random.below(2) << 6) | (random.below(2) << 15), true);
  for (let at = REGISTERS; at < XMM; at += 16) {
    view.setBigUint64(at, word(), true);
    view.setUint16(at + 8, random.below(65536), true);
  }
  for (let at = XMM; at < XMM_END; at += 8) view.setBigUint64(at, word(), true);
  for (let at = MEMORY; at < RAX; at += 8) view.setBigUint64(at, word(), true);
  view.setBigUint64(RAX, word(), true);
  view.setBigUint64(RFLAGS, 0x202n, true);
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
  answer.set(toFxsave(file), 0);
  answer.set(memory.read(1, DATA, 128)!, MEMORY);
  new BigUint64Array(answer.buffer).set([get(file, "rax"), get(file, "rflags")], RAX / 8);
  return answer;
}
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
/** Without the addresses and the opcode of x87's last instruction. */
const shown = (state: Uint8Array): string =>
  [
    hex(state.subarray(0, 6)),
    hex(state.subarray(MXCSR, MXCSR + 2)),
    ...[0, 1, 2, 3, 4, 5, 6, 7].map(n => hex(state.subarray(REGISTERS + 16 * n, REGISTERS + 16 * n + 10))),
    ...[0, 1, 2, 3, 4, 5].map(n => hex(state.subarray(XMM + 16 * n, XMM + 16 * n + 16))),
    hex(state.subarray(MEMORY, STATE_BYTES)),
  ].join("\n");

const folder = mkdtempSync(join(tmpdir(), "chronix-mmx-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
const native = join(folder, "x87");
execFileSync("gcc", ["-O1", "-fcf-protection=none", "-no-pie", join(import.meta.dirname, "x87.c"), "-o", native]);

for (const { name, code } of instructions()) {
  test(name, () => {
    const records = Array.from({ length: CASES }, () => record(code(random.below(2) ? random.below(256) : random.below(20))));
    const { stdout } = spawnSync(native, { input: Buffer.concat(records), maxBuffer: 2 * CASES * STATE_BYTES });
    assert.is(stdout.length, CASES * STATE_BYTES);
    for (const [i, input] of records.entries())
      assert.is(
        shown(ours(input)),
        shown(new Uint8Array(stdout.subarray(i * STATE_BYTES, (i + 1) * STATE_BYTES))),
        `${hex(input.subarray(1, 1 + input[0]!))} from\n${shown(input.subarray(16))}`,
      );
  });
}
test.run();
