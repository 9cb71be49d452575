// The guests over which every law is tested: all demo programs, the programs of test/kernel/guests where there is a compiler, and cases of the BusyBox corpus chosen for
// what they ask of the machine.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Image } from "../../engine/loader/image.ts";
import type { Input } from "../../events/kernel-event.ts";
import { BUSYBOX, pullBusybox } from "../../guest-images/busybox.ts";
import { demoImage } from "../../guest-images/demo.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";
import { busyboxCorpus } from "../busybox/corpus.ts";
import type { Case } from "../corpus/corpus.ts";
import { caseRequest } from "../corpus/guest.ts";
import { type HeadlessRequest, inputsOf } from "../headless.ts";
import { compileGuest, guestNames } from "../kernel/compiled-guests.ts";

export interface Guest {
  readonly name: string;
  readonly request: HeadlessRequest;
  /** What it is given, in turn, whenever everybody sleeps. */
  readonly inputs: readonly Input[];
}

/** Small ones: each runs a dozen times. */
const CASES: Readonly<Record<string, string>> = {
  archives: "tar-extract tar-gzip gzip-levels unxz cpio-options ar unzip tar-pipe-copy backup-script",
  awk: "arrays getline system csv errors",
  editing: "diff-options patch ed-commands vi-keys calculator",
  files: "cp mv rm symlink-loops find-exec xargs-status truncate fallocate proc-self file-locking deleted-open-file",
  sed: "substitute hold-space files ten-thousand",
  "shell-expansion": "command-substitution read read-timeout globbing",
  "shell-grammar": "here-document pipeline-long pipeline-sigpipe script-from-stdin set-x ulimit-files",
  "shell-jobs":
    "wait-several kill-signals kill-self trap-signal trap-during-wait trap-during-sleep trap-nested job-control-list job-control-fg job-control-stop job-bg stop-and-continue background-stdin background-group-kill many-children timeout coprocess-fifos segfault-status interrupt-loop lock-by-mkdir",
  "shell-redirection": "tee fifo fifo-many pipe-capacity broken-pipe stdin-shared dd",
  text: "sort uniq od digests yes-many bc",
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const typed = (text: string): Input => ({ source: "terminal", bytes: bytes(text) });

function demoGuests(): readonly Guest[] {
  const image = demoImage();
  const demo = (
    name: string,
    argv: readonly string[],
    others: Partial<HeadlessRequest> = {},
    inputs: readonly Input[] = [...inputsOf(others.stdin)],
  ): Guest => ({
    name: `demo/${name}`,
    request: { image, argv, ...others },
    inputs,
  });
  const onTerminal = { standard: ["terminal", "terminal", "terminal"] } as const;
  return [
    demo("hello", ["/bin/hello", "a", "b"]),
    demo("pipeline", ["/bin/pipeline"]),
    demo("pingpong", ["/bin/pingpong"]),
    demo("clock", ["/bin/clock"]),
    demo("race", ["/bin/race"]),
    demo("race-in-short-turns", ["/bin/race"], { quantumTicks: 777 }),
    demo("crash", ["/bin/crash"]),
    demo("menu", ["/bin/menu"], { stdin: bytes("help\nhello x y\npingpong 3\ncrash\nrace 5\nexit 7\n") }),
    demo("menu-on-a-terminal", ["/bin/menu"], onTerminal, [
      typed("clockk"),
      typed("\x7f 2\n"),
      { source: "size", columns: 100, rows: 30 },
      typed("pipeline 30\nexit 3\n"),
    ]),
    demo("menu-interrupted", ["/bin/menu"], onTerminal, [typed("hello\n"), typed("\x03")]),
    demo("menu-hung-up", ["/bin/menu"], onTerminal, [{ source: "hangup" }]),
  ];
}

const guestOf = (image: Image, one: Case): Guest => {
  const request = caseRequest(image, one);
  return { name: one.name, request, inputs: [...inputsOf(request.stdin)] };
};
function corpusGuests(image: Image): readonly Guest[] {
  if (process.env.LAWS === "all") return busyboxCorpus.cases.map(one => guestOf(image, one));
  return Object.entries(CASES).flatMap(([topic, names]) =>
    names.split(" ").map(name => {
      const one = busyboxCorpus.cases.find(known => known.name === `${topic}/${name}`);
      if (!one) throw new Error(`The corpus has no case ${topic}/${name}: name another in ${import.meta.filename}.`);
      return guestOf(image, one);
    }),
  );
}

function kernelGuests(): readonly Guest[] {
  if (!(process.env.PATH ?? "").split(":").some(folder => existsSync(join(folder, "gcc")))) {
    console.log("The laws are tested without the guests of test/kernel: this host has no gcc");
    return [];
  }
  const wanted = guestNames().filter(name => `kernel/${name}`.includes(process.env.GUEST ?? ""));
  return wanted.map(name => {
    const { image, argv } = compileGuest(name);
    return { name: `kernel/${name}`, request: { image, argv }, inputs: [...inputsOf()] };
  });
}

/** The BusyBox image, fetched where it is missing; where it cannot be, says so in a sentence and answers nothing. */
export async function busyboxOrNothing(loss: string): Promise<Image | undefined> {
  const store = new ImageStore();
  try {
    return store.has(BUSYBOX) ? store.open(BUSYBOX) : await pullBusybox({ store });
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    console.log(`${loss}: ${error.message}`);
    return undefined;
  }
}
export async function guests(): Promise<readonly Guest[]> {
  const image = await busyboxOrNothing("The laws are tested over the demo guests alone");
  const all = [...demoGuests(), ...kernelGuests(), ...(image ? corpusGuests(image) : [])];
  const wanted = process.env.GUEST;
  return wanted === undefined ? all : all.filter(({ name }) => name.includes(wanted));
}
