// Guest memory as gdb's x command shows it: count, format and unit, as in x/8gx.
import { Failure } from "../failure.ts";

export interface DumpFormat {
  readonly count: number;
  readonly unit: number;
  readonly format: "x" | "d" | "u" | "c" | "s" | "i" | "o";
}
const UNITS: Readonly<Record<string, number>> = { b: 1, h: 2, w: 4, g: 8 };
const PER_LINE: Readonly<Record<number, number>> = { 1: 8, 2: 8, 4: 4, 8: 2 };

/** `8gx`, `4xw`, `s`, `10i`. */
export function parseDumpFormat(text: string): DumpFormat {
  const match = /^(\d*)([a-z]*)$/.exec(text);
  const letters = [...(match?.[2] ?? "")];
  const format = letters.find(letter => "xducsio".includes(letter)) ?? "x";
  const unit = letters.find(letter => letter in UNITS);
  if (!match || letters.some(letter => !"xducsio".includes(letter) && !(letter in UNITS)))
    throw new Failure(`x/${text}: write a count, a unit of b h w g and a format of x d u o c s i, as x/8gx.`, 2);
  return { count: Number(match[1] || 1), unit: unit ? UNITS[unit]! : format === "c" ? 1 : 8, format: format as DumpFormat["format"] };
}
const numberTexts: Readonly<Record<string, (value: bigint, bits: number) => string>> = {
  x: (value, bits) => `0x${value.toString(16).padStart(bits / 4, "0")}`,
  d: (value, bits) => BigInt.asIntN(bits, value).toString(),
  u: value => value.toString(),
  o: value => `0${value.toString(8)}`,
  c: value => `${value} '${value >= 32n && value < 127n ? String.fromCharCode(Number(value)) : "."}'`,
};

/** Lines of the bytes at `address`; `read` answers undefined where they are not readable. */
export function dumpMemory(address: number, { count, unit, format }: DumpFormat, read: (address: number, length: number) => Uint8Array | undefined): string {
  if (format === "s") return dumpStrings(address, count, read);
  const perLine = PER_LINE[unit]!;
  const lines: string[] = [];
  for (let at = 0; at < count; at += perLine) {
    const here = address + at * unit;
    const words = Array.from({ length: Math.min(perLine, count - at) }, (_, i) => {
      const bytes = read(here + i * unit, unit);
      if (!bytes) throw new Failure(`Cannot read memory at 0x${(here + i * unit).toString(16)}.`);
      const value = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
      return (numberTexts[format] ?? numberTexts.x!)(value, unit * 8);
    });
    lines.push(`0x${here.toString(16)}:  ${words.join("  ")}`);
  }
  return lines.join("\n");
}
function dumpStrings(address: number, count: number, read: (address: number, length: number) => Uint8Array | undefined): string {
  const lines: string[] = [];
  let at = address;
  for (let i = 0; i < count; i++) {
    const bytes: number[] = [];
    for (; bytes.length < 200; at++) {
      const byte = read(at, 1)?.[0];
      if (byte === undefined) throw new Failure(`Cannot read memory at 0x${at.toString(16)}.`);
      if (byte === 0) break;
      bytes.push(byte);
    }
    lines.push(`0x${(at - bytes.length).toString(16)}:  ${JSON.stringify(Buffer.from(bytes).toString("latin1"))}`);
    at++;
  }
  return lines.join("\n");
}
