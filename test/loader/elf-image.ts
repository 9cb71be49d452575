// Small ELF files made for tests: a header, program headers, and whatever bytes lie behind them.
export interface SegmentSpec {
  readonly type?: number;
  readonly flags?: number;
  readonly offset?: number;
  readonly address?: number;
  readonly fileBytes?: number;
  readonly memoryBytes?: number;
  readonly alignment?: number;
}
export interface ElfSpec {
  readonly type?: number;
  readonly machine?: number;
  readonly entry?: number;
  readonly headersOffset?: number;
  readonly headerBytes?: number;
  readonly headersCount?: number;
  readonly segments: readonly SegmentSpec[];
  readonly size?: number;
}
export const PT_LOAD = 1;
export const PT_INTERP = 3;
export const PT_GNU_STACK = 0x6474_e551;

export function elfImage({
  type = 2,
  machine = 62,
  entry = 0x40_1000,
  headersOffset = 64,
  headerBytes = 56,
  headersCount,
  segments,
  size = 0x2000,
}: ElfSpec): Uint8Array {
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, machine, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(entry), true);
  view.setBigUint64(32, BigInt(headersOffset), true);
  view.setUint16(52, 64, true);
  view.setUint16(54, headerBytes, true);
  view.setUint16(56, headersCount ?? segments.length, true);
  segments.forEach((segment, i) => {
    const at = 64 + i * 56;
    const { type: kind = PT_LOAD, flags = 5, offset = 0, address = 0x40_0000, fileBytes = 0x1000, memoryBytes = fileBytes, alignment = 0x1000 } = segment;
    view.setUint32(at, kind, true);
    view.setUint32(at + 4, flags, true);
    [offset, address, address, fileBytes, memoryBytes, alignment].forEach((value, k) => {
      view.setBigUint64(at + 8 + k * 8, BigInt(value), true);
    });
  });
  return bytes;
}
export const reader =
  (bytes: Uint8Array) =>
  (offset: number, length: number): Uint8Array =>
    bytes.subarray(offset, offset + length);
