// chronix run: run a program and keep nothing.

import type { GuestOptions } from "../guest-option-defaults.ts";
import { withGuestOptions } from "../guest-option-rows.ts";
import { runGuest } from "../guest-run.ts";
import type { CommandRow } from "./command-row.ts";

export const run: CommandRow = {
  name: "run",
  declare(command) {
    withGuestOptions(command.summary("run a program and keep nothing"))
      .option("--stats", "at the end, on standard error: instructions by tier, the hottest compiled code, and why it was left")
      .argument("[program...]", "the program and its arguments (default: the image's own)")
      .action((program: string[], options: GuestOptions) => runGuest(program, options));
  },
};
