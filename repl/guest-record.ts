// Runs a guest and writes its log: what `chronix record` does. Bundled by itself, as guest-run.ts is.
import { Session } from "../snapshots/session.ts";
import { drive, hostStandard, NOBODY_WAKES, outputToHost } from "./driver.ts";
import { Failure, tellFailure } from "./failure.ts";
import type { GuestOptions } from "./guest-option-defaults.ts";
import { bootRequest, injectionOption, processorOptions, wantsNetwork } from "./guest-options.ts";
import { keptRegions } from "./kept-regions.ts";
import type { HostNetwork } from "./network/host-network.ts";
import { note } from "./note.ts";
import { keepInterpreter } from "./prebuilt.ts";
import { Recordings } from "./recordings.ts";
import { unoptimised } from "./unoptimised.ts";
import { exitStatusOf } from "./wait-status.ts";

export interface RecordOptions extends GuestOptions {
  /** The log's path; without it, a new name in the store. */
  readonly output?: string;
}
/** Sets the exit status; failures are told here, since a bundle's classes are not those of another. */
export async function recordGuest(program: readonly string[], options: RecordOptions): Promise<void> {
  let network: HostNetwork | undefined;
  let session: Session | undefined;
  try {
    const host = hostStandard();
    const request = bootRequest(options, program, host);
    const recordings = new Recordings();
    const path = options.output === undefined ? recordings.freshPath(request.parameters.argv[0]!) : recordings.pathFor(options.output);
    if (wantsNetwork(options)) network = await (await import("./publishing.ts")).openNetwork(options, note);
    const processor = processorOptions(options);
    const shelf = keptRegions(request.parameters);
    for (const mount of request.mounts) recordings.mounts.save(mount);
    session = Session.boot(request, {
      path,
      output: outputToHost,
      note,
      isPaced: host.standard[0] === "terminal" || network !== undefined,
      now: Date.now,
      ...(network ? { link: network.act } : {}),
      ...injectionOption(options.inject),
      processor: { ...processor, ...(shelf ? { shelf } : {}), unoptimised },
    });
    const { status } = await drive(session, host.standard, network);
    if (status === undefined) throw new Failure(NOBODY_WAKES);
    process.exitCode = exitStatusOf(status);
    keepInterpreter(processor);
    shelf?.keep();
  } catch (error) {
    tellFailure(error);
  } finally {
    session?.close();
    await network?.close();
  }
}
