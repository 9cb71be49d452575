// Classic BPF as seccomp's filters are written in it (seccomp(2), Documentation/networking/filter.rst): which programs are accepted, and what one answers.
import { INSTRUCTION_BYTES } from "../../abi/arguments/bpf-program.ts";
import type { Bytes } from "../../abi/memory-view.ts";

const CLASS = { LD: 0, LDX: 1, ST: 2, STX: 3, ALU: 4, JMP: 5, RET: 6, MISC: 7 } as const;
const MODE = { IMM: 0, ABS: 0x20, MEM: 0x60, LEN: 0x80 } as const;
const X = 8;
const A = 0x10;
const TXA = 0x80;
const CELLS = 16;

interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}
function instructionAt(view: DataView, index: number): Instruction {
  const at = index * INSTRUCTION_BYTES;
  return { code: view.getUint16(at, true), jt: view.getUint8(at + 2), jf: view.getUint8(at + 3), k: view.getUint32(at + 4, true) };
}
const viewOf = (bytes: Bytes): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** By the operation's bits; a division by zero ends the program with 0. */
const arithmetic: Readonly<Record<number, (a: number, b: number) => number | null>> = {
  0: (a, b) => (a + b) >>> 0,
  16: (a, b) => (a - b) >>> 0,
  32: (a, b) => Math.imul(a, b) >>> 0,
  48: (a, b) => (b === 0 ? null : Math.floor(a / b)),
  64: (a, b) => (a | b) >>> 0,
  80: (a, b) => (a & b) >>> 0,
  // By 32 and more is refused for constants; the register counts as it does in C's machine, modulo 32.
  96: (a, b) => (a << (b & 31)) >>> 0,
  112: (a, b) => a >>> (b & 31),
  160: (a, b) => (a ^ b) >>> 0,
};
const NEG = 0x80;
const comparison: Readonly<Record<number, (a: number, b: number) => boolean>> = {
  16: (a, b) => a === b,
  32: (a, b) => a > b,
  48: (a, b) => a >= b,
  64: (a, b) => (a & b) >>> 0 !== 0,
};
const JA = 0;
const operationOf = (code: number): number => code & 0xf0;

/** Instructions that seccomp lets a filter have (kernel/seccomp.c, seccomp_check_filter). */
function isKnown({ code, k }: Instruction, dataBytes: number): boolean {
  const operation = operationOf(code);
  if (code > 0xff) return false;
  switch (code & 7) {
    case CLASS.LD:
      if (code === (CLASS.LD | MODE.ABS)) return k < dataBytes && k % 4 === 0;
      return code === (CLASS.LD | MODE.LEN) || code === (CLASS.LD | MODE.IMM) || code === (CLASS.LD | MODE.MEM);
    case CLASS.LDX:
      return code === (CLASS.LDX | MODE.LEN) || code === (CLASS.LDX | MODE.IMM) || code === (CLASS.LDX | MODE.MEM);
    case CLASS.ST:
    case CLASS.STX:
      return code === CLASS.ST || code === CLASS.STX;
    case CLASS.ALU:
      return operation === NEG ? (code & X) === 0 : operation in arithmetic;
    case CLASS.JMP:
      return operation === JA ? (code & X) === 0 : operation in comparison;
    case CLASS.RET:
      return code === CLASS.RET || code === (CLASS.RET | A);
    default:
      return code === CLASS.MISC || code === (CLASS.MISC | TXA);
  }
}
const usesCell = ({ code }: Instruction): boolean =>
  code === (CLASS.LD | MODE.MEM) || code === (CLASS.LDX | MODE.MEM) || code === CLASS.ST || code === CLASS.STX;
function isSound(instruction: Instruction, left: number): boolean {
  const { code, jt, jf, k } = instruction;
  if (usesCell(instruction)) return k < CELLS;
  if ((code & 7) === CLASS.ALU && (code & X) === 0) {
    if (operationOf(code) === 0x30) return k !== 0;
    return operationOf(code) !== 0x60 && operationOf(code) !== 0x70 ? true : k < 32;
  }
  if ((code & 7) !== CLASS.JMP) return true;
  return operationOf(code) === JA ? k < left : jt < left && jf < left;
}
/** No cell is read on a way on which nothing was stored there (net/core/filter.c, check_load_and_stores). */
function readsOnlyStored(program: readonly Instruction[]): boolean {
  const known = new Array<number>(program.length).fill(0xffff);
  let stored = 0;
  for (const [i, { code, k, jt, jf }] of program.entries()) {
    stored &= known[i]!;
    if (code === CLASS.ST || code === CLASS.STX) stored |= 1 << k;
    else if (code === (CLASS.LD | MODE.MEM) || code === (CLASS.LDX | MODE.MEM)) {
      if ((stored & (1 << k)) === 0) return false;
    } else if ((code & 7) === CLASS.JMP) {
      const targets = operationOf(code) === JA ? [k] : [jt, jf];
      for (const target of targets) known[i + 1 + target]! &= stored;
      stored = 0xffff;
    }
  }
  return true;
}
export function isAccepted(bytes: Bytes, dataBytes: number): boolean {
  const view = viewOf(bytes);
  const program = Array.from({ length: bytes.length / INSTRUCTION_BYTES }, (_, i) => instructionAt(view, i));
  const last = program.at(-1);
  if (!last || (last.code & 7) !== CLASS.RET) return false;
  return program.every((one, i) => isKnown(one, dataBytes) && isSound(one, program.length - i - 1)) && readsOnlyStored(program);
}

/** What an accepted program answers for the data. It ends: jumps only lead forward. */
export function runBpf(bytes: Bytes, data: Bytes): number {
  const [view, words] = [viewOf(bytes), viewOf(data)];
  const cells = new Uint32Array(CELLS);
  let [a, x] = [0, 0];
  for (let at = 0; ; at++) {
    const { code, jt, jf, k } = instructionAt(view, at);
    const operand = (code & X) === 0 ? k : x;
    switch (code & 7) {
      case CLASS.LD:
      case CLASS.LDX: {
        const mode = code & 0xe0;
        const value = mode === MODE.ABS ? words.getUint32(k, true) : mode === MODE.LEN ? data.length : mode === MODE.MEM ? cells[k]! : k;
        if ((code & 7) === CLASS.LD) a = value;
        else x = value;
        break;
      }
      case CLASS.ST:
        cells[k] = a;
        break;
      case CLASS.STX:
        cells[k] = x;
        break;
      case CLASS.ALU: {
        const result = operationOf(code) === NEG ? -a >>> 0 : arithmetic[operationOf(code)]!(a, operand);
        if (result === null) return 0;
        a = result;
        break;
      }
      case CLASS.JMP:
        at += operationOf(code) === JA ? k : comparison[operationOf(code)]!(a, operand) ? jt : jf;
        break;
      case CLASS.RET:
        return (code & A) === 0 ? k : a;
      default:
        if ((code & TXA) === 0) x = a;
        else a = x;
    }
  }
}
