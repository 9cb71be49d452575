// The registers of a task by name, from its register file, and expressions over them: `$rsp+16`, `0x401000`, `*$rsp`.
import { get, type RegisterName } from "../../engine/cpu/register-file.ts";
import { Failure } from "../failure.ts";

export const REGISTERS: readonly RegisterName[] = [
  ...(["rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp"] as const),
  ...(["r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"] as const),
  ...(["rip", "rflags", "fsBase", "gsBase"] as const),
];
const FLAGS: readonly (readonly [bit: number, name: string])[] = [
  [0, "CF"],
  [2, "PF"],
  [4, "AF"],
  [6, "ZF"],
  [7, "SF"],
  [10, "DF"],
  [11, "OF"],
];
export const flagWords = (rflags: bigint): string =>
  FLAGS.filter(([bit]) => (rflags >> BigInt(bit)) & 1n)
    .map(([, name]) => name)
    .join(" ");
export const registerText = (file: Uint8Array): string =>
  REGISTERS.map(name => {
    const value = get(file, name);
    return `${name.padEnd(7)} 0x${value.toString(16).padStart(16, "0")}  ${name === "rflags" ? flagWords(value) : BigInt.asIntN(64, value)}`;
  }).join("\n");

const aliases: Readonly<Record<string, RegisterName>> = { pc: "rip", sp: "rsp", fp: "rbp", fs_base: "fsBase", gs_base: "gsBase", eflags: "rflags" };
/** A sum of registers and numbers; a `*` before it reads eight bytes there. */
export function evaluate(text: string, file: Uint8Array | undefined, read: (address: number, length: number) => Uint8Array | undefined): bigint {
  const expression = text.trim();
  if (expression.startsWith("*")) {
    const address = Number(evaluate(expression.slice(1), file, read));
    const bytes = read(address, 8);
    if (!bytes) throw new Failure(`Cannot read memory at 0x${address.toString(16)}.`);
    return bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  }
  const terms = expression.replaceAll(/\s+/g, "").match(/[+-]?[^+-]+/g);
  if (!terms) throw new Failure("Write an expression as $rip, $rsp+16, 0x401000 or *$rsp.", 2);
  return terms.reduce((sum, term) => {
    const isNegative = term.startsWith("-");
    const value = termValue(term.replace(/^[+-]/, ""), file);
    return BigInt.asUintN(64, isNegative ? sum - value : sum + value);
  }, 0n);
}
function termValue(term: string, file: Uint8Array | undefined): bigint {
  if (/^(0x[\da-f]+|\d+)$/i.test(term)) return BigInt(term);
  const wanted = term.replace(/^\$/, "");
  const name = aliases[wanted] ?? REGISTERS.find(one => one === wanted);
  if (!name) throw new Failure(`${term} is neither a number nor a register; registers are $${REGISTERS.join(", $")}.`, 2);
  if (!file) throw new Failure("No task is selected that has registers.");
  return get(file, name);
}
