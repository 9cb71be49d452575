// A user's mistake, or something the host refuses: one sentence that says what was wrong and what to do, and the exit status for it.

/** Chronix's own errors exit 125, wrong usage 2 (docs: conventions). */
export class Failure extends Error {
  readonly status: number;
  constructor(sentence: string, status = 125) {
    super(sentence);
    this.status = status;
  }
}
export class UsageFailure extends Failure {
  constructor(sentence: string) {
    super(sentence, 2);
  }
}
