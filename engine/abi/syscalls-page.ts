// docs/syscalls.md as text, made from the table. Pure: who writes the file is test/abi/syscalls-page.test.ts.
import type { Row, ServiceName } from "./row.ts";
import { syscalls } from "./syscalls.ts";

/** What each service is for, in the order of the page. */
const services: Readonly<Record<Exclude<ServiceName, "none">, string>> = {
  vfs: "files, directories, descriptors, pipes",
  vmm: "memory",
  procTable: "processes, identity, scheduling, limits",
  signal: "signals",
  time: "clocks and timers",
  poll: "waiting for several descriptors",
  tty: "terminals",
  ipc: "System V and POSIX queues, semaphores, shared memory",
  net: "sockets",
  system: "the machine as a whole",
};
const rows: readonly (readonly [string, Row])[] = Object.entries<Row>(syscalls).sort(([, a], [, b]) => a.number - b.number);
/** A register that the call looks at is none of its arguments. */
const argumentsOf = ({ args, from, number }: Row): string =>
  Object.keys(args)
    .slice(0, from && number !== syscalls.rt_sigreturn.number ? -1 : undefined)
    .join(", ");
const served = rows.filter(([, row]) => row.service !== "none");
const nowhere = rows.filter(([, row]) => row.isNowhere);
const unserved = rows.filter(([, row]) => row.service === "none" && !row.isNowhere);

function section(service: Exclude<ServiceName, "none">): readonly string[] {
  const own = served.filter(([, row]) => row.service === service);
  if (own.length === 0) return [];
  return [
    "",
    `## \`${service}\`: ${services[service]} (${own.length})`,
    "| number | call | not as on Linux |",
    "| --- | --- | --- |",
    ...own.map(([name, row]) => `| ${row.number} | \`${name}(${argumentsOf(row)})\` | ${row.missing ?? ""} |`),
  ];
}
export function syscallsPage(): string {
  const partial = served.filter(([, row]) => row.missing !== undefined).length;
  return [
    "# System calls",
    "",
    "Made from the table in `engine/abi/rows/`; `npm run docs` makes it again.",
    "",
    `Of ${rows.length} calls of Linux x86-64, ${served.length} are served, ${partial} of these in part: what is missing is said beside them. ${nowhere.length} are served by no Linux: they answer`,
    `ENOSYS as everywhere. The other ${unserved.length} answer with the errno of a kernel built without them, or for a caller without the privilege, and are reported by name at their first use.`,
    ...(Object.keys(services) as Exclude<ServiceName, "none">[]).flatMap(section),
    "",
    `## Served by no Linux: ENOSYS everywhere (${nowhere.length})`,
    nowhere.map(([name]) => `\`${name}\``).join(", "),
    "",
    `## Not served (${unserved.length})`,
    "ENOSYS: as a kernel built without it. EPERM: as for a caller without the capability; `bpf`, `userfaultfd` and io_uring as where `kernel.unprivileged_bpf_disabled`,",
    "`vm.unprivileged_userfaultfd=0` and `kernel.io_uring_disabled=2` say so. EACCES: `kernel.perf_event_paranoid=3`.",
    "",
    "| number | call | errno |",
    "| --- | --- | --- |",
    ...unserved.map(([name, row]) => `| ${row.number} | \`${name}(${argumentsOf(row)})\` | ${row.errno} |`),
    "",
  ].join("\n");
}
