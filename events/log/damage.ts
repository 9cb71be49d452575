// What is wrong with a log, as one sentence for a user. Thrown by everything that reads or writes one; any other error is a bug of ours.

export class LogDamage extends Error {
  override name = "LogDamage";
}
/** The log is whole, but not for this version of Chronix. */
export class LogVersionMismatch extends LogDamage {
  override name = "LogVersionMismatch";
}
/** The place where the log is kept takes no more; what was written before stays readable. */
export class LogWriteFailure extends Error {
  override name = "LogWriteFailure";
}
