// chronix record: run a program and write the log.
import { Session } from "../../snapshots/session.ts";
import { drive, hostStandard, NOBODY_WAKES, outputToHost } from "../driver.ts";
import { Failure } from "../failure.ts";
import { withGuestOptions } from "../guest-option-rows.ts";
import { bootRequest, type GuestOptions, injectionOption, processorOptions, wantsNetwork } from "../guest-options.ts";
import { note } from "../note.ts";
import { Recordings } from "../recordings.ts";
import { exitStatusOf } from "../wait-status.ts";
import type { CommandRow } from "./command-row.ts";

interface Options extends GuestOptions {
  readonly output?: string;
}
export const record: CommandRow = {
  name: "record",
  declare(command) {
    withGuestOptions(command.summary("run a program and record it"))
      .option("-o, --output <FILE>", "where the log goes (default: a new name in the store, see chronix ls)")
      .argument("[program...]", "the program and its arguments (default: the image's own)")
      .action(async (program: string[], options: Options) => {
        const host = hostStandard();
        const request = bootRequest(options, program, host);
        const recordings = new Recordings();
        const path = options.output === undefined ? recordings.freshPath(request.parameters.argv[0]!) : recordings.pathFor(options.output);
        const network = wantsNetwork(options) ? await (await import("../publishing.ts")).openNetwork(options, note) : undefined;
        let session: Session | undefined;
        try {
          for (const mount of request.mounts) recordings.mounts.save(mount);
          session = Session.boot(request, {
            path,
            output: outputToHost,
            note,
            isPaced: host.standard[0] === "terminal" || network !== undefined,
            now: Date.now,
            ...(network ? { link: network.act } : {}),
            ...injectionOption(options.inject),
            processor: processorOptions(options),
          });
          const { status } = await drive(session, host.standard, network);
          if (status === undefined) throw new Failure(NOBODY_WAKES);
          process.exitCode = exitStatusOf(status);
        } finally {
          session?.close();
          await network?.close();
        }
      });
  },
};
