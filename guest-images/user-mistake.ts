// A mistake or a circumstance that the user can mend: its message is one sentence that says what to do, and is shown without a stack.
export class UserMistake extends Error {
  override name = "UserMistake";
}
