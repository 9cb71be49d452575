// Flags of the calls that take a directory descriptor (openat(2) and its family), and the kinds of access that access(2) asks for.
export const AT_SYMLINK_NOFOLLOW = 0x100;
/** faccessat2: ask for the effective ids. */
export const AT_EACCESS = 0x200;
/** unlinkat: remove a directory. The same bit. */
export const AT_REMOVEDIR = 0x200;
export const AT_SYMLINK_FOLLOW = 0x400;
export const AT_NO_AUTOMOUNT = 0x800;
export const AT_EMPTY_PATH = 0x1000;
export const AT_STATX_SYNC_TYPE = 0x6000;

export const accessModes = { R_OK: 4, W_OK: 2, X_OK: 1 } as const;
export const RENAME_NOREPLACE = 1;
export const RENAME_EXCHANGE = 2;
export const RENAME_WHITEOUT = 4;
