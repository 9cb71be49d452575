// File types and permission bits of st_mode (inode(7)), types of directory entries (getdents(2)).
export const S_IFMT = 0o170000;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;
export const PERMISSIONS = 0o7777;

/** S_IF… by kind of inode. */
export const fileTypeBits = {
  fifo: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
} as const;
export type InodeKind = keyof typeof fileTypeBits;
export const kindOfMode: ReadonlyMap<number, InodeKind> = new Map(Object.entries(fileTypeBits).map(([kind, bits]) => [bits, kind as InodeKind]));
/** DT_…: the same types, shifted. */
export const entryType = (kind: InodeKind): number => fileTypeBits[kind] >> 12;
