// The x87 state in linear memory, relative to where the CPU's layout puts it (SDM vol. 1, 8.1).
export const REGISTER_BYTES = 16;
export const x87State = {
  /** Eight registers by physical number, not by place in the stack: mantissa at 0 (64 bits), sign and exponent at 8 (16 bits). */
  registers: 0,
  control: 128,
  /** With TOP in bits 11 to 13. ES and B follow from the flags and the masks, and are made when the word is read. */
  status: 130,
  /** One bit for a register, 1 where it holds a value, as FXSAVE has it; the full tag word is made from the contents. */
  valid: 132,
  /** Of the last instruction that was not a control instruction: opcode (11 bits), address, address of its memory operand. */
  lastOpcode: 134,
  lastInstruction: 136,
  lastOperand: 144,
  bytes: 152,
} as const;
/** After FNINIT. */
export const INITIAL_CONTROL = 0x37f;
