// Access rights of landlock(7) as Linux 6.1 has them (linux/landlock.h; the second version of its interface).
export const landlockAccess = {
  LANDLOCK_ACCESS_FS_EXECUTE: 1 << 0,
  LANDLOCK_ACCESS_FS_WRITE_FILE: 1 << 1,
  LANDLOCK_ACCESS_FS_READ_FILE: 1 << 2,
  LANDLOCK_ACCESS_FS_READ_DIR: 1 << 3,
  LANDLOCK_ACCESS_FS_REMOVE_DIR: 1 << 4,
  LANDLOCK_ACCESS_FS_REMOVE_FILE: 1 << 5,
  LANDLOCK_ACCESS_FS_MAKE_CHAR: 1 << 6,
  LANDLOCK_ACCESS_FS_MAKE_DIR: 1 << 7,
  LANDLOCK_ACCESS_FS_MAKE_REG: 1 << 8,
  LANDLOCK_ACCESS_FS_MAKE_SOCK: 1 << 9,
  LANDLOCK_ACCESS_FS_MAKE_FIFO: 1 << 10,
  LANDLOCK_ACCESS_FS_MAKE_BLOCK: 1 << 11,
  LANDLOCK_ACCESS_FS_MAKE_SYM: 1 << 12,
  LANDLOCK_ACCESS_FS_REFER: 1 << 13,
} as const;
export const ALL_LANDLOCK_ACCESS = (1 << 14) - 1;
export const LANDLOCK_CREATE_RULESET_VERSION = 1;
/** As of Linux 5.19 to 6.1. */
export const LANDLOCK_VERSION = 2;
export const landlockRuleTypes = { LANDLOCK_RULE_PATH_BENEATH: 1 } as const;
