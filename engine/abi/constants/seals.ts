// What may no longer be done to a file of memfd_create(2) (fcntl(2), F_ADD_SEALS).
export const seals = {
  F_SEAL_SEAL: 1,
  F_SEAL_SHRINK: 2,
  F_SEAL_GROW: 4,
  F_SEAL_WRITE: 8,
  F_SEAL_FUTURE_WRITE: 16,
  F_SEAL_EXEC: 32,
} as const;
export const ALL_SEALS = 63;
export const WRITE_SEALS = seals.F_SEAL_WRITE | seals.F_SEAL_FUTURE_WRITE;
