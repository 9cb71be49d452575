// What is woken when a process ends: descriptors of it become readable (pidfd_open(2)).
export const endChannel = (pid: number): string => `process:${pid}:read`;
