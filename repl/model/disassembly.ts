// Machine code as text. Until there is a disassembler the bytes stand for themselves, cut where the processor's decoder says an instruction ends.

export interface Instruction {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}
const ROW_BYTES = 8;
const hexBytes = (bytes: Uint8Array): string => [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join(" ");

export function disassemble(bytes: Uint8Array, address: number): readonly Instruction[] {
  return Array.from({ length: Math.ceil(bytes.length / ROW_BYTES) }, (_, i) => {
    const part = bytes.subarray(i * ROW_BYTES, (i + 1) * ROW_BYTES);
    return { address: address + i * ROW_BYTES, bytes: part, text: `.byte ${hexBytes(part)}` };
  });
}
export const instructionText = ({ address, text }: Instruction): string => `0x${address.toString(16)}:  ${text}`;
