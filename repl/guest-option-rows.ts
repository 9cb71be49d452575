// The guest's options as the command line declares them. Apart from what they mean: a run without options loads no library for parsing them.
import { type Command, Option } from "commander";
import { cpuLevels } from "../engine/abi/constants/processor-features.ts";
import { defaultGuestOptions } from "./guest-option-defaults.ts";

/** Of injection.ts. */
export const INJECTION_FORM = "SET:error=E[:when=N]";
export const INJECTION_SUMMARY = "these calls fail, as strace has it: openat:error=ENOENT:when=2, %file:error=EACCES:when=3+ (from the third on)";

const collect = (value: string, list: readonly string[]): readonly string[] => [...list, value];

export const withGuestOptions = (command: Command): Command =>
  command
    .passThroughOptions()
    .option("--image <NAME>", "guest image (default: busybox, or the embedded one where it is not there)")
    .option("--publish <[HOSTADDR:]HOST:GUEST>", "a TCP port of the guest's, reachable at a port of this host's loopback (0: one that is free)", collect, [])
    .addOption(
      new Option("--net <NETWORK>", "host: what the guest connects to at loopback addresses where nothing in it listens is this host's")
        .choices(["none", "host"])
        .default(defaultGuestOptions.net),
    )
    .option("--mount <HOST:GUEST[:ro]>", "a copy of a host folder or file: record makes it at boot, run as the guest looks into it", collect, [])
    .option("--memory <SIZE>", "most memory for guest pages", defaultGuestOptions.memory)
    .option("--seed <N>", "the guest's random bytes", defaultGuestOptions.seed)
    .option("--chaos <SEED>", "let scheduling choices vary")
    .addOption(new Option("--cpu <LEVEL>", "what the guest's processor has").choices(cpuLevels).default(defaultGuestOptions.cpu))
    .option("--env <NAME=VALUE>", "set or replace a variable", collect, [])
    .option("--cwd <DIR>", "working directory in the guest")
    .option("--user <UID[:GID]>", "user and group of the first process")
    .option("--hostname <NAME>", "the guest's name", defaultGuestOptions.hostname)
    .option("--epoch <SECONDS>", "the guest's clock at boot, in seconds since 1970", defaultGuestOptions.epoch)
    .option(`--inject <${INJECTION_FORM}>`, `${INJECTION_SUMMARY}; counted over all processes`, collect, [])
    .option(
      "--tier <TIER>",
      "how instructions are executed: interpreter, compiled (everything at once) or auto (what is hot); nothing that happens depends on it",
    );
