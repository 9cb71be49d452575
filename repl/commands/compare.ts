// chronix compare: one program natively under strace and inside Chronix, and the first step in which they differ.
import { compareTasks, type Difference } from "../compare/alignment.ts";
import { runInGuest } from "../compare/guest-run.ts";
import { runNatively } from "../compare/native-run.ts";
import { type Step, stepsOf } from "../compare/steps.ts";
import { Failure } from "../failure.ts";
import { defaultGuestOptions, type GuestOptions } from "../guest-option-defaults.ts";
import { withGuestOptions } from "../guest-option-rows.ts";
import { bootRequest } from "../guest-options.ts";
import { prebuiltInterpreter } from "../prebuilt.ts";
import type { CommandRow } from "./command-row.ts";

interface Options extends GuestOptions {
  readonly all?: boolean;
}

export const compare: CommandRow = {
  name: "compare",
  declare(command) {
    withGuestOptions(command.summary("run a program natively under strace and inside Chronix, and name the first step that differs"))
      .option("--all", "the first difference of every task, not only the first of all")
      .argument("<program...>", "the program and its arguments; it has no standard input")
      .action((program: string[], options: Options) => {
        const found = bootRequest(options, program, { standard: ["pipe", "pipe", "pipe"], terminal: { columns: 80, rows: 24 } });
        const { parameters } = found;
        // Both see the path as argv[0], since what enters the root natively can give no other; and the same day.
        const epochSeconds = options.epoch === defaultGuestOptions.epoch ? Math.floor(Date.now() / 1000) : parameters.epochSeconds;
        const request = { ...found, parameters: { ...parameters, epochSeconds, argv: [parameters.program, ...parameters.argv.slice(1)] } };
        const native = runNatively(request);
        const here = runInGuest(request, prebuiltInterpreter());
        for (const text of here.notes) process.stderr.write(`chronix: ${text}\n`);
        const [left, right] = [stepsOf(native.trace), stepsOf(here.trace)];
        if (!left || !right) throw new Failure("One of the two traces is empty.");
        const { differences, tasks, steps } = compareTasks(left, right);
        const outputs = (["stdout", "stderr"] as const).filter(to => !Buffer.from(native[to]).equals(Buffer.from(here[to])));
        for (const difference of options.all ? differences : differences.slice(0, 1)) process.stdout.write(differenceText(difference));
        for (const to of outputs) process.stdout.write(`${to} differs: ${native[to].length} bytes natively, ${here[to].length} here\n`);
        if (differences.length === 0 && outputs.length === 0) process.stdout.write(`no difference: ${tasks} task${tasks === 1 ? "" : "s"}, ${steps} steps\n`);
        else process.exitCode = 1;
      });
  },
};

const lineOf = (step: Step | undefined): string => step?.text.replace(/\)\s+= /, ") = ") ?? "(nothing more)";
function differenceText({ task, index, native, here, before }: Difference): string {
  const lines = [
    `task ${task}, after ${index} steps:`,
    ...before.map(step => `             ${lineOf(step)}`),
    `  natively:  ${lineOf(native)}`,
    `  here:      ${lineOf(here)}`,
  ];
  return `${lines.join("\n")}\n`;
}
