import { test } from "uvu";
import * as assert from "uvu/assert";
import { errnoByNumber, errnoNumber, errnoText, isErrno, isRestart } from "../../engine/abi/errno.ts";

test("a name has its number and text, and a number its name", () => {
  assert.equal(["EPERM", "ENOENT", "EINVAL", "ERESTART_RESTARTBLOCK"].map(errnoNumber), [1, 2, 22, 516]);
  assert.is(errnoText("EL2HLT"), "Level 2 halted");
  // The first and the last line, and numbers that texts have too.
  assert.equal([1, 2, 22, 516].map(errnoByNumber), ["EPERM", "ENOENT", "EINVAL", "ERESTART_RESTARTBLOCK"]);
});
test("what is no name has none", () => {
  for (const text of ["", "EPER", "EPERM 1", "EPERM\nENOENT", "Operation", ".*", "constructor"]) assert.not(isErrno(text));
  assert.ok(isErrno("EAGAIN"));
  assert.is(errnoNumber("ENOTHING"), 38);
  assert.is(errnoText("ENOTHING"), "");
  for (const number of [0, 999, 4095]) assert.is(errnoByNumber(number), undefined);
});
test("restarts are the kernel's own", () => {
  assert.ok(isRestart("ERESTARTSYS"));
  assert.not(isRestart("EINTR"));
});
test.run();
