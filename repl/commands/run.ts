// chronix run: run a program and keep nothing.
import { boot } from "../../engine/machine-boot.ts";
import { drive, hostStandard, outputToHost } from "../driver.ts";
import { Failure } from "../failure.ts";
import { bootRequest, type GuestOptions, injectionOption, withGuestOptions } from "../guest-options.ts";
import { note } from "../note.ts";
import { prebuiltInterpreter } from "../prebuilt.ts";
import { exitStatusOf } from "../wait-status.ts";
import type { CommandRow } from "./command-row.ts";

export const NOBODY_WAKES = "every process of the guest sleeps and nothing can wake one; standard input has ended.";

export const run: CommandRow = {
  name: "run",
  declare(command) {
    withGuestOptions(command.summary("run a program and keep nothing"))
      .argument("[program...]", "the program and its arguments (default: the image's own)")
      .action(async (program: string[], options: GuestOptions) => {
        const host = hostStandard();
        const request = bootRequest(options, program, host);
        const machine = boot(request, {
          ...prebuiltInterpreter(),
          world: { output: outputToHost, note, ...injectionOption(options.inject) },
          isPaced: host.standard[0] === "terminal",
        });
        const { status } = await drive(machine, host.standard);
        if (status === undefined) throw new Failure(NOBODY_WAKES);
        process.exitCode = exitStatusOf(status);
      });
  },
};
