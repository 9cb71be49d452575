// chronix tour: what Chronix does, shown on a small script.
import type { CommandRow } from "./command-row.ts";

export const tour: CommandRow = {
  name: "tour",
  declare(command) {
    command.summary("record, trace, rewind, fork, compare and replay a small script").action(async () => (await import("../tour.ts")).tour());
  },
};
