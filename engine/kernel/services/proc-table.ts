// The calls of processes, put together from their groups.
import type { Calls } from "../service.ts";
import { comparisonCalls } from "./proc-table-comparison.ts";
import { controlCalls } from "./proc-table-control.ts";
import { creationCalls } from "./proc-table-creation.ts";
import { endingCalls } from "./proc-table-ending.ts";
import { executionCalls } from "./proc-table-execution.ts";
import { foreignCalls } from "./proc-table-foreign.ts";
import { futexCalls } from "./proc-table-futex.ts";
import { groupCalls } from "./proc-table-groups.ts";
import { identityCalls } from "./proc-table-identity.ts";
import { ioPriorityCalls } from "./proc-table-io-priority.ts";
import { limitCalls } from "./proc-table-limits.ts";
import { namespaceCalls } from "./proc-table-namespaces.ts";
import { pidfdCalls } from "./proc-table-pidfd.ts";
import { ptraceCalls } from "./proc-table-ptrace.ts";
import { rseqCalls } from "./proc-table-rseq.ts";
import { schedulingCalls } from "./proc-table-scheduling.ts";
import { seccompCalls } from "./proc-table-seccomp.ts";

export const procTableCalls: Calls<"procTable"> = {
  ...creationCalls,
  ...executionCalls,
  ...endingCalls,
  ...identityCalls,
  ...groupCalls,
  ...limitCalls,
  ...schedulingCalls,
  ...controlCalls,
  ...futexCalls,
  ...rseqCalls,
  ...pidfdCalls,
  ...comparisonCalls,
  ...ioPriorityCalls,
  ...namespaceCalls,
  ...foreignCalls,
  ...seccompCalls,
  ...ptraceCalls,
};
