// Runs a guest of which nothing is kept: what `chronix run` does. The build bundles this file by itself, since how long it takes to load is most of a short run: it must need little.
import { boot } from "../engine/machine-boot.ts";
import { keepChecks } from "../guest-images/checked-pieces.ts";
import { HostTrees } from "../guest-images/host-tree.ts";
import { drive, hostStandard, NOBODY_WAKES, outputToHost } from "./driver.ts";
import { executionReport } from "./execution-report.ts";
import { Failure, tellFailure } from "./failure.ts";
import { defaultGuestOptions, type GuestOptions } from "./guest-option-defaults.ts";
import { bootRequest, injectionOption, processorOptions, wantsNetwork } from "./guest-options.ts";
import { keptRegions } from "./kept-regions.ts";
import type { HostNetwork } from "./network/host-network.ts";
import { note } from "./note.ts";
import { keepInterpreter } from "./prebuilt.ts";
import { unoptimised } from "./unoptimised.ts";
import { exitStatusOf } from "./wait-status.ts";

/** After so much of a run its mounted folders are read to the end, for so much of each pause and what follows it. In short runs and in large folders that is work for nothing, mostly. */
const FOLDERS = { waitMilliseconds: 2000, pauseMilliseconds: 100, workMilliseconds: 10 } as const;
/** From the end on the guest sees nothing of what this host does to them. Answers what stops it. */
function readInPieces(folders: HostTrees): () => void {
  const read = (): void => {
    const end = process.hrtime.bigint() + BigInt(FOLDERS.workMilliseconds * 1_000_000);
    if (!folders.readRest(() => process.hrtime.bigint() > end)) timer = setTimeout(read, FOLDERS.pauseMilliseconds);
  };
  let timer = setTimeout(read, FOLDERS.waitMilliseconds);
  return () => clearTimeout(timer);
}

/** Sets the exit status; failures are told here, since a bundle's classes are not those of another. */
export async function runGuest(program: readonly string[], given: Partial<GuestOptions>): Promise<void> {
  const options: GuestOptions = { ...defaultGuestOptions, ...given };
  let network: HostNetwork | undefined;
  let stopReading = (): void => {};
  try {
    const host = hostStandard();
    const folders = new HostTrees(note);
    const request = bootRequest(options, program, host, folders);
    if (options.mount.length > 0) stopReading = readInPieces(folders);
    if (wantsNetwork(options)) network = await (await import("./publishing.ts")).openNetwork(options, note);
    const processor = processorOptions(options);
    const shelf = keptRegions(request.parameters);
    const machine = boot(request, {
      ...processor,
      ...(shelf ? { shelf } : {}),
      unoptimised,
      isCounting: options.stats === true,
      world: { output: outputToHost, note, ...injectionOption(options.inject), ...(network ? { link: network.act } : {}) },
      isPaced: host.standard[0] === "terminal" || network !== undefined,
    });
    // Not `performance`, which loads modules of Node's for 2 ms when it is first named.
    const started = process.hrtime.bigint();
    const { status } = await drive(machine, host.standard, network);
    if (options.stats) note(executionReport(machine, Number(process.hrtime.bigint() - started) / 1e9));
    if (status === undefined) throw new Failure(NOBODY_WAKES);
    process.exitCode = exitStatusOf(status);
    keepInterpreter(processor);
    keepChecks();
    shelf?.keep();
  } catch (error) {
    tellFailure(error);
  } finally {
    stopReading();
    await network?.close();
  }
}
