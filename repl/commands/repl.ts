// chronix repl: the REPL, on a recording or on a machine just booted.
import { Session } from "../../snapshots/session.ts";
import type { GuestOptions } from "../guest-option-defaults.ts";
import { withGuestOptions } from "../guest-option-rows.ts";
import { bootRequest, injectionOption, processorOptions, wantsNetwork } from "../guest-options.ts";
import { ensureDefaultImage } from "../images.ts";
import { terminalSize } from "../model/layout.ts";
import { note } from "../note.ts";
import { Recordings } from "../recordings.ts";
import type { CommandRow } from "./command-row.ts";

/** `chronix repl LOG` or `chronix repl -- PROGRAM`. */
const isProgram = (): boolean => process.argv.includes("--");

export async function sitWithNewGuest(program: readonly string[], options: GuestOptions): Promise<void> {
  const { mustHaveTerminal, sit } = await import("../sitting.ts");
  mustHaveTerminal();
  if (options.image === undefined) await ensureDefaultImage(note);
  const { columns, rows } = process.stdout;
  const request = bootRequest(options, program, { standard: ["terminal", "terminal", "terminal"], terminal: terminalSize(columns, rows) });
  const recordings = new Recordings();
  for (const mount of request.mounts) recordings.mounts.save(mount);
  const path = recordings.freshPath(request.parameters.argv[0]!);
  const told: string[] = [];
  const network = wantsNetwork(options) ? await (await import("../publishing.ts")).openNetwork(options, text => told.push(text)) : undefined;
  const open = (tell: (text: string) => void) => {
    for (const text of told) tell(text);
    return Session.boot(request, {
      path,
      note: tell,
      isPaced: true,
      now: Date.now,
      ...(network ? { link: network.act } : {}),
      ...injectionOption(options.inject),
      processor: processorOptions(options),
    });
  };
  try {
    await sit(open, {
      isNew: true,
      keeping: recordings.keeping(path),
      farewell: () => `Recorded in ${path}; chronix repl opens it again.`,
      ...(network ? { network } : {}),
    });
  } finally {
    await network?.close();
  }
}
async function sitWithLog(log: string | undefined): Promise<void> {
  const { sit } = await import("../sitting.ts");
  const recordings = new Recordings();
  const recording = recordings.find(log);
  const open = (tell: (text: string) => void): Session => {
    const session = recordings.open(recording, { note: tell, isPaced: true, now: Date.now });
    session.goto({ seq: session.length, plus: 0 });
    return session;
  };
  await sit(open, { isNew: false, keeping: recordings.keeping(recording.path) });
}

export const repl: CommandRow = {
  name: "repl",
  declare(command) {
    withGuestOptions(command.summary("the REPL, on a recording (LOG) or a new machine (-- PROGRAM)"))
      .argument("[words...]", "LOG, or -- PROGRAM ARGS… (default: the image's own program)")
      .action((words: string[], options: GuestOptions) => (words.length > 0 && !isProgram() ? sitWithLog(words[0]) : sitWithNewGuest(words, options)));
  },
};
