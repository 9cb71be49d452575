// chronix syscalls: the table of system calls, and what is served.
import type { Row } from "../../engine/abi/row.ts";
import { syscalls as table } from "../../engine/abi/syscalls.ts";
import { printRows } from "../table.ts";
import type { CommandRow } from "./command-row.ts";

const rows: Readonly<Record<string, Row>> = table;
const supportOf = ({ service, missing, errno }: Row): string => (service === "none" ? `no (${errno ?? "ENOSYS"})` : missing === undefined ? "yes" : "partial");

export const syscalls: CommandRow = {
  name: "syscalls",
  declare(command) {
    command
      .summary("the system calls, and what is served")
      .option("--json", "rows as JSON")
      .option("--served", "only those that are served")
      .action(({ json, served }: { readonly json?: boolean; readonly served?: boolean }) => {
        const list = Object.entries(rows)
          .filter(([, row]) => !served || row.service !== "none")
          .toSorted(([, a], [, b]) => a.number - b.number)
          .map(([name, row]) => ({
            number: row.number,
            name,
            served: supportOf(row),
            service: row.service === "none" ? "" : row.service,
            missing: row.missing ?? "",
          }));
        printRows(list, json ?? false);
      });
  },
};
