// The program cannot be started: a user's mistake, not the engine's. Its message is one sentence.
export class BootFailure extends Error {
  override name = "BootFailure";
}
