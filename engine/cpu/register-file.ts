// The registers of one task: a plain Uint8Array, so that a snapshot copies it. The same architectural state is always the same bytes.
// While a task runs its file lies in wasm memory in this very layout; there the zero and scratch slots serve address arithmetic.

import { REGISTER_FILE_BYTES } from "../memory/layout.ts";

export { REGISTER_FILE_BYTES };
export type RegisterFile = Uint8Array;

const general = ["rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"] as const;
export const fileOffset = {
  general: 0,
  rip: 128,
  rflags: 136,
  fsBase: 144,
  gsBase: 152,
  zero: 160,
  scratch: 168,
  mxcsr: 176,
  x87Control: 180,
  /** With TOP in bits 11 to 13. ES and B follow from the exceptions and the masks, and are made when the word is read. */
  x87Status: 182,
  /** One bit for each physical register that holds something, as FXSAVE has it. */
  x87Tag: 184,
  x87Opcode: 186,
  /** A byte each: DS and ES, FS and GS. CS and SS are what they are. */
  dataSelectors: 188,
  baseSelectors: 190,
  /** Eight of 16 bytes, ten of them used, by physical number: a push moves TOP, not the registers. */
  x87: 192,
  /** Sixteen of 32 bytes: XMM in the low half. */
  vectors: 320,
} as const;

export type RegisterName = (typeof general)[number] | "rip" | "rflags" | "fsBase" | "gsBase";
const offsets = new Map<RegisterName, number>([
  ...general.map((name, i) => [name, 8 * i] as const),
  ["rip", fileOffset.rip],
  ["rflags", fileOffset.rflags],
  ["fsBase", fileOffset.fsBase],
  ["gsBase", fileOffset.gsBase],
]);
export const offsetOf = (name: RegisterName): number => offsets.get(name)!;
interface Viewed {
  file: RegisterFile | undefined;
  view: DataView;
}
const unseen = (): Viewed => ({ file: undefined, view: new DataView(new ArrayBuffer(0)) });
let [last, before]: [Viewed, Viewed] = [unseen(), unseen()];
/** Mostly one file is asked many times in a row, or two tasks take turns. */
export function view(file: RegisterFile): DataView {
  if (file === last.file) return last.view;
  [last, before] = [before, last];
  if (file !== last.file) last = { file, view: new DataView(file.buffer, file.byteOffset, REGISTER_FILE_BYTES) };
  return last.view;
}

/** As Linux starts a program: everything zero, interrupts on, floating point exceptions masked. */
export function createRegisterFile(): RegisterFile {
  const file = new Uint8Array(REGISTER_FILE_BYTES);
  set(file, "rflags", 0x202n);
  view(file).setUint32(fileOffset.mxcsr, 0x1f80, true);
  view(file).setUint16(fileOffset.x87Control, 0x37f, true);
  return file;
}
export const get = (file: RegisterFile, name: RegisterName): bigint => view(file).getBigUint64(offsets.get(name)!, true);
export const set = (file: RegisterFile, name: RegisterName, value: bigint): void => view(file).setBigUint64(offsets.get(name)!, value, true);
/** Of RFLAGS: a trap after each instruction. */
export const TRAP_FLAG = 0x100;
export const setTrapFlag = (file: RegisterFile, isOn: boolean): void =>
  set(file, "rflags", (get(file, "rflags") & ~BigInt(TRAP_FLAG)) | (isOn ? BigInt(TRAP_FLAG) : 0n));
/** By its number in instructions. */
export const setGeneral = (file: RegisterFile, number: number, value: bigint): void => view(file).setBigUint64(8 * number, value, true);
/** As a signed number; as a bigint where a number would not be exact. */
export const getNumber = (file: RegisterFile, name: RegisterName): number | bigint => numberIn(view(file), offsetOf(name));
/** For who asks again and again: by the register's place in the file, of which this is the view. */
export function numberIn(at: DataView, offset: number): number | bigint {
  const high = at.getInt32(offset + 4, true);
  // Most are small: as integers they take no room of their own in V8's heap, and no product has to be turned back into one.
  if (high === 0) return at.getUint32(offset, true);
  return high >= -0x20_0000 && high < 0x20_0000 ? high * 2 ** 32 + at.getUint32(offset, true) : at.getBigInt64(offset, true);
}
export const setNumber = (file: RegisterFile, name: RegisterName, value: number): void => setNumberAt(file, offsetOf(name), value);
export function setNumberAt(file: RegisterFile, offset: number, value: number): void {
  const at = view(file);
  // `|` takes what is left of 2^32 itself; `%` would be a call of the host's C library.
  at.setInt32(offset, value | 0, true);
  at.setInt32(offset + 4, Math.floor(value / 2 ** 32), true);
}
export const getLow = (file: RegisterFile, name: RegisterName): number => getLowAt(file, offsetOf(name));
export const getLowAt = (file: RegisterFile, offset: number): number => view(file).getUint32(offset, true);
export const getHigh = (file: RegisterFile, name: RegisterName): number => view(file).getUint32(offsets.get(name)! + 4, true);
export const vector = (file: RegisterFile, number: number): Uint8Array =>
  file.subarray(fileOffset.vectors + 32 * number, fileOffset.vectors + 32 * number + 16);

const userOrder = ["r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8", "rax", "rcx", "rdx", "rsi", "rdi"] as const;
/** struct user_regs_struct of sys/user.h: 27 words. */
export function toUserRegs(file: RegisterFile, originalRax: bigint): BigUint64Array {
  const rest = [originalRax, get(file, "rip"), 0x33n, get(file, "rflags"), get(file, "rsp"), 0x2bn, get(file, "fsBase"), get(file, "gsBase"), 0n, 0n, 0n, 0n];
  return BigUint64Array.from([...userOrder.map(name => get(file, name)), ...rest]);
}
/** CF PF AF ZF SF TF DF OF NT AC ID: what POPF can set in user mode. */
export const USER_FLAGS = 0x24_4dd5n;
