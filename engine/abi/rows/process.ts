// Processes: creation, execution, waiting, identity, groups and sessions, limits. Handled by engine/kernel/services/proc-table.ts.

import { row } from "../row.ts";

export const processRows = {
  getpid: row(39, "procTable", {}),
  getppid: row(110, "procTable", {}),
};
