// A user's mistake, or something the host refuses: one sentence that says what was wrong and what to do, and the exit status for it.
import { BootFailure } from "../engine/boot-failure.ts";
import { LogDamage, LogWriteFailure } from "../events/log/damage.ts";
import { UserMistake } from "../guest-images/user-mistake.ts";

/** Chronix's own errors exit 125, wrong usage 2 (docs: conventions). */
export const OWN_ERROR = 125;
export class Failure extends Error {
  readonly status: number;
  constructor(sentence: string, status = OWN_ERROR) {
    super(sentence);
    this.status = status;
  }
}
export class UsageFailure extends Failure {
  constructor(sentence: string) {
    super(sentence, 2);
  }
}
/** Errors whose message is a sentence for a user. */
const SPOKEN = [Failure, BootFailure, UserMistake, LogDamage, LogWriteFailure] as const;
export const isSpoken = (error: unknown): error is Error => SPOKEN.some(kind => error instanceof kind);

/** Says what went wrong and sets the exit status. */
export function tellFailure(error: unknown): void {
  if (!isSpoken(error)) throw error;
  process.stderr.write(`chronix: ${error.message}\n`);
  process.exitCode = error instanceof Failure ? error.status : OWN_ERROR;
}

/** Anything else is a fault of ours, told with where it happened. */
export function sentenceOf(error: unknown): string {
  if (isSpoken(error)) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
