// struct linux_dirent and linux_dirent64: records of varying length, packed into the buffer of getdents(2).
import { put64 } from "../field.ts";
import type { Bytes } from "../memory-view.ts";

export interface DirectoryRecord {
  readonly inode: number;
  /** Where reading goes on after this one. */
  readonly offset: number;
  /** DT_…. */
  readonly type: number;
  readonly name: string;
}
export interface RecordLayout {
  /** Bytes that a record with a name of this length takes. */
  sizeOf(nameLength: number): number;
  put(view: DataView, at: number, record: DirectoryRecord, size: number): void;
}
const ALIGNMENT = 8;
const NAME_AT_64 = 19;
const NAME_AT = 18;
const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;
function putCommon(view: DataView, at: number, { inode, offset, name }: DirectoryRecord, size: number, nameAt: number): void {
  put64(view, at, inode);
  put64(view, at + 8, offset);
  view.setUint16(at + 16, size, true);
  for (let i = 0; i < name.length; i++) view.setUint8(at + nameAt + i, name.charCodeAt(i));
}
export const dirent64: RecordLayout = {
  sizeOf: nameLength => aligned(NAME_AT_64 + nameLength + 1),
  put(view, at, record, size) {
    putCommon(view, at, record, size, NAME_AT_64);
    view.setUint8(at + 18, record.type);
  },
};
/** The older layout keeps the type in the record's last byte. */
export const dirent: RecordLayout = {
  sizeOf: nameLength => aligned(NAME_AT + nameLength + 2),
  put(view, at, record, size) {
    putCommon(view, at, record, size, NAME_AT);
    view.setUint8(at + size - 1, record.type);
  },
};

/** As many records as fit; `count` says how many, `isTooSmall` that not even the first does. */
export function packRecords(
  layout: RecordLayout,
  records: Iterable<DirectoryRecord>,
  capacity: number,
): { readonly bytes: Bytes; readonly last: DirectoryRecord | null; readonly isTooSmall: boolean } {
  const fitting: { record: DirectoryRecord; size: number }[] = [];
  let length = 0;
  let isTooSmall = false;
  for (const record of records) {
    const size = layout.sizeOf(record.name.length);
    if (length + size > capacity) {
      isTooSmall = fitting.length === 0;
      break;
    }
    fitting.push({ record, size });
    length += size;
  }
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { record, size } of fitting) {
    layout.put(view, at, record, size);
    at += size;
  }
  return { bytes, last: fitting.at(-1)?.record ?? null, isTooSmall };
}
