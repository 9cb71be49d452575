// Runs a guest and writes its log: what `chronix record` does. Bundled by itself, as guest-run.ts is.
import { keepChecks } from "../guest-images/checked-pieces.ts";
import { Recording } from "../snapshots/recording.ts";
import { drive, hostStandard, NOBODY_WAKES, outputToHost } from "./driver.ts";
import { Failure, tellFailure } from "./failure.ts";
import { defaultGuestOptions, type GuestOptions } from "./guest-option-defaults.ts";
import { bootRequest, injectionOption, processorOptions, wantsNetwork } from "./guest-options.ts";
import { keptRegions } from "./kept-regions.ts";
import type { HostNetwork } from "./network/host-network.ts";
import { note } from "./note.ts";
import { keepInterpreter } from "./prebuilt.ts";
import { RecordingFolder } from "./recording-folder.ts";
import { unoptimised } from "./unoptimised.ts";
import { exitStatusOf } from "./wait-status.ts";

/** `output`: the log's path; without it, a new name in the store. Sets the exit status; failures are told here, since a bundle's classes are not those of another. */
export async function recordGuest(program: readonly string[], output: string | undefined, given: Partial<GuestOptions>): Promise<void> {
  const options: GuestOptions = { ...defaultGuestOptions, ...given };
  let network: HostNetwork | undefined;
  let recording: Recording | undefined;
  try {
    const host = hostStandard();
    const request = bootRequest(options, program, host);
    const folder = new RecordingFolder();
    const path = output === undefined ? folder.freshPath(request.parameters.argv[0]!) : folder.pathFor(output);
    if (wantsNetwork(options)) network = await (await import("./publishing.ts")).openNetwork(options, note);
    const processor = processorOptions(options);
    const shelf = keptRegions(request.parameters);
    for (const mount of request.mounts) folder.mounts.save(mount);
    recording = new Recording(request, {
      path,
      world: { output: outputToHost, note, ...injectionOption(options.inject), ...(network ? { link: network.act } : {}) },
      isPaced: host.standard[0] === "terminal" || network !== undefined,
      processor: { ...processor, ...(shelf ? { shelf } : {}), unoptimised },
      now: Date.now,
    });
    const { status } = await drive(recording, host.standard, network);
    if (status === undefined) throw new Failure(NOBODY_WAKES);
    process.exitCode = exitStatusOf(status);
    keepInterpreter(processor);
    keepChecks();
    shelf?.keep();
  } catch (error) {
    tellFailure(error);
  } finally {
    recording?.close();
    await network?.close();
  }
}
