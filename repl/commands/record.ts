// chronix record: run a program and write the log.
import type { GuestOptions } from "../guest-option-defaults.ts";
import { withGuestOptions } from "../guest-option-rows.ts";
import { recordGuest } from "../guest-record.ts";
import type { CommandRow } from "./command-row.ts";

interface RecordOptions extends GuestOptions {
  readonly output?: string;
}
export const record: CommandRow = {
  name: "record",
  declare(command) {
    withGuestOptions(command.summary("run a program and record it"))
      .option("-o, --output <FILE>", "where the log goes (default: a new name in the store, see chronix ls)")
      .argument("[program...]", "the program and its arguments (default: the image's own)")
      .action((program: string[], { output, ...options }: RecordOptions) => recordGuest(program, output, options));
  },
};
