// THE system call table: every call of Linux x86-64 that Chronix knows, one row each, grouped by the service that owns it.

import type { Ins, Outs, Row, ServiceName } from "./row.ts";
import { absentRows } from "./rows/absent.ts";
import { aioRows } from "./rows/aio.ts";
import { extendedAttributeRows } from "./rows/extended-attribute.ts";
import { fileRows } from "./rows/file.ts";
import { ipcRows } from "./rows/ipc.ts";
import { landlockRows } from "./rows/landlock.ts";
import { memoryRows } from "./rows/memory.ts";
import { networkRows } from "./rows/network.ts";
import { pathRows } from "./rows/path.ts";
import { pollRows } from "./rows/poll.ts";
import { privilegedRows } from "./rows/privileged.ts";
import { processRows } from "./rows/process.ts";
import { signalRows } from "./rows/signal.ts";
import { systemRows } from "./rows/system.ts";
import { timeRows } from "./rows/time.ts";
import { unservedRows } from "./rows/unserved.ts";

type Table = typeof unservedRows &
  typeof absentRows &
  typeof aioRows &
  typeof extendedAttributeRows &
  typeof fileRows &
  typeof landlockRows &
  typeof pathRows &
  typeof pollRows &
  typeof networkRows &
  typeof ipcRows &
  typeof memoryRows &
  typeof privilegedRows &
  typeof processRows &
  typeof signalRows &
  typeof timeRows &
  typeof systemRows;
/** An object made without a prototype is a hash table from the start: spread into a literal, 362 rows take V8 4 ms, since it makes a hidden class for each. */
export const syscalls: Table = Object.assign(
  Object.create(null),
  unservedRows,
  absentRows,
  aioRows,
  extendedAttributeRows,
  fileRows,
  landlockRows,
  pathRows,
  pollRows,
  networkRows,
  ipcRows,
  memoryRows,
  privilegedRows,
  processRows,
  signalRows,
  timeRows,
  systemRows,
);

export type SyscallName = keyof Table;
export type InsOf<N extends SyscallName> = Ins<Table[N]["args"]>;
export type OutsOf<N extends SyscallName> = Outs<Table[N]["args"]>;
export type HandledBy<S extends ServiceName> = { [N in SyscallName]: Table[N]["service"] extends S ? N : never }[SyscallName];

const rows: Readonly<Record<string, Row>> = syscalls;
const byNumber: (readonly [SyscallName, Row] | undefined)[] = [];
for (const [name, row] of Object.entries(rows)) byNumber[row.number] = [name as SyscallName, row];
export const syscallByNumber = (number: number): readonly [SyscallName, Row] | undefined => byNumber[number];
