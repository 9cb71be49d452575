// Where the guest draws a value from. build.ts gives it these names as POOL_NAME macros, each its place in the list.
export const POOLS = [
  "NUMBER", // edges of every width, small ones, what calls returned lately
  "FD",
  "DIRFD",
  "PATH",
  "SIZE",
  "FLAGS", // some of `values` together, seldom a bit more
  "CHOICE", // one of `values`, seldom another
  "PID",
  "OFFSET",
  "ID",
  "ADDRESS", // mapped, at a page's end, unmapped, the kernel's, not canonical
  "STRUCTURE", // a pointer to what `shape` says
  "SIGNAL",
  "COUNT",
  "HANDLER", // of a signal: SIG_DFL, SIG_IGN, one of the guest's, no code at all
  "RESTORER",
  "RANDOM",
] as const;
/** What a descriptor may be of; an argument drawn from FD names in `values` which it is likely to be. Macros as well: KIND_NAME. */
export const KINDS = ["FILE", "DIRECTORY", "PIPE", "SOCKET", "EPOLL", "TIMER", "EVENT", "SIGNALS", "INOTIFY", "PROCESS", "TERMINAL", "QUEUE"] as const;
export type Kind = (typeof KINDS)[number];
export const kinds = (...names: readonly Kind[]): readonly number[] => names.map(name => KINDS.indexOf(name));
export type Pool = (typeof POOLS)[number];
