// What the manual leaves undefined, and so is not compared: Intel SDM vol. 2, under "Flags Affected" of each instruction's page. What ours are then is said at
// the head of engine/cpu/flags.ts.
const [CF, PF, AF, ZF, SF, OF] = [0x1, 0x4, 0x10, 0x40, 0x80, 0x800] as const;

export interface Execution {
  readonly bits: number;
  /** As the instruction masks it: of five bits, or six for 64. */
  readonly count: number;
}
interface Row {
  readonly names: RegExp;
  readonly mask: number;
  readonly when?: (execution: Execution) => boolean;
  readonly source: string;
}
const isShifted = ({ count }: Execution): boolean => count !== 0;
const isFar = ({ count }: Execution): boolean => count > 1;

export const undefinedFlags: readonly Row[] = [
  { names: /^and$/, mask: AF, source: "AND: the state of the AF flag is undefined" },
  { names: /^or$/, mask: AF, source: "OR: the state of the AF flag is undefined" },
  { names: /^xor$/, mask: AF, source: "XOR: the state of the AF flag is undefined" },
  { names: /^test$/, mask: AF, source: "TEST: the state of the AF flag is undefined" },
  { names: /^(shl|shr|sar)(cl)?$/, mask: AF, when: isShifted, source: "SAL/SAR/SHL/SHR: for a non-zero count, the AF flag is undefined" },
  {
    names: /^(shl|shr|sar)(cl)?$/,
    mask: OF,
    when: isFar,
    source: "SAL/SAR/SHL/SHR: the OF flag is affected only for 1-bit shifts; otherwise, it is undefined",
  },
  {
    names: /^(shl|shr)(cl)?$/,
    mask: CF,
    when: ({ count, bits }) => count >= bits,
    source: "SAL/SAR/SHL/SHR: CF is undefined for SHL and SHR where the count is the size in bits or more",
  },
  {
    names: /^(rol|ror|rcl|rcr)(cl)?$/,
    mask: OF,
    when: isFar,
    source: "RCL/RCR/ROL/ROR: the OF flag is affected only for single-bit rotates; it is undefined for multi-bit rotates",
  },
  { names: /^sh[lr]d(cl)?$/, mask: AF, when: isShifted, source: "SHLD, SHRD: the AF flag is undefined" },
  { names: /^sh[lr]d(cl)?$/, mask: OF, when: isFar, source: "SHLD, SHRD: for shifts greater than 1 bit, the OF flag is undefined" },
  {
    names: /^sh[lr]d(cl)?$/,
    mask: CF | PF | AF | ZF | SF | OF,
    when: ({ count, bits }) => count > bits,
    source: "SHLD, SHRD: if the count is greater than the operand size, the flags are undefined",
  },
  { names: /^(imul|imulPair)$/, mask: SF | ZF | AF | PF, source: "IMUL: the SF, ZF, AF, and PF flags are undefined" },
  { names: /^mulPair$/, mask: SF | ZF | AF | PF, source: "MUL: the SF, ZF, AF, and PF flags are undefined" },
  { names: /^div$/, mask: CF | PF | AF | ZF | SF | OF, source: "DIV: the CF, OF, SF, ZF, AF, and PF flags are undefined" },
  { names: /^idiv$/, mask: CF | PF | AF | ZF | SF | OF, source: "IDIV: the CF, OF, SF, ZF, AF, and PF flags are undefined" },
  { names: /^bt[src]?$/, mask: OF | SF | AF | PF, source: "BT, BTS, BTR, BTC: the OF, SF, AF, and PF flags are undefined" },
  { names: /^bs[fr]$/, mask: CF | OF | SF | AF | PF, source: "BSF, BSR: the CF, OF, SF, AF, and PF flags are undefined" },
  { names: /^tzcnt$/, mask: OF | SF | PF | AF, source: "TZCNT: OF, SF, PF, and AF flags are undefined" },
  { names: /^lzcnt$/, mask: OF | SF | PF | AF, source: "LZCNT: OF, SF, PF, and AF flags are undefined" },
  { names: /^andn$/, mask: AF | PF, source: "ANDN: the AF and PF flags are undefined" },
  { names: /^bextr$/, mask: AF | SF | PF, source: "BEXTR: AF, SF, and PF are undefined" },
  { names: /^bls(i|r|msk)$/, mask: AF | PF, source: "BLSI, BLSMSK, BLSR: AF and PF flags are undefined" },
  { names: /^bzhi$/, mask: AF | PF, source: "BZHI: AF and PF flags are undefined" },
];
export interface Mask {
  /** Whatever the operands are. */
  readonly always: number;
  readonly sometimes: readonly { readonly mask: number; readonly when: (execution: Execution) => boolean }[];
}
export function maskOf(name: string): Mask {
  const rows = undefinedFlags.filter(row => row.names.test(name));
  return {
    always: rows.reduce((all, row) => (row.when ? all : all | row.mask), 0),
    sometimes: rows.flatMap(({ mask, when }) => (when ? [{ mask, when }] : [])),
  };
}
/** SHLD, SHRD: if the count is greater than the operand size, the result is undefined too. */
export const isResultUndefined = (name: string, { count, bits }: Execution): boolean => /^sh[lr]d(cl)?$/.test(name) && count > bits;
