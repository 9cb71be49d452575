// strace's `when=`, as numbers of the calls that fail: what strace 6.1 does with the same expressions over seven writes.
import { test } from "uvu";
import * as assert from "uvu/assert";
import { syscalls } from "../../engine/abi/syscalls.ts";
import { injector, parseInjection } from "../../repl/injection.ts";

const { write, read } = { write: syscalls.write.number, read: syscalls.read.number };
const failing = (...rules: readonly string[]): readonly number[] => {
  const inject = injector(rules.map(parseInjection));
  return [1, 2, 3, 4, 5, 6, 7].filter(seq => {
    assert.is(inject(2, read, seq), undefined);
    return inject(2, write, seq) !== undefined;
  });
};

test("which calls fail", () => {
  assert.equal(failing("write:error=EIO"), [1, 2, 3, 4, 5, 6, 7]);
  assert.equal(failing("write:error=EIO:when=3"), [3]);
  assert.equal(failing("write:error=EIO:when=3+"), [3, 4, 5, 6, 7]);
  assert.equal(failing("write:error=EIO:when=2+2"), [2, 4, 6]);
  assert.equal(failing("write:error=EIO:when=2..4"), [2, 3, 4]);
  assert.equal(failing("inject=write:error=EIO:when=1..6+2"), [1, 3, 5]);
});
test("the first rule that says so decides, and all of them count", () => {
  const inject = injector(["write:error=EIO:when=2", "write:error=ENOSPC:when=2+"].map(parseInjection));
  assert.equal(
    [1, 2, 3].map(seq => inject(2, write, seq)),
    [undefined, "EIO", "ENOSPC"],
  );
});
test("what cannot be meant is refused", () => {
  for (const text of [
    "write",
    "write:error=NO",
    "write:error=EIO:when=0",
    "write:error=EIO:when=4..2",
    "write:error=EIO:when=1+0",
    "write:retval=1",
    "wrote:error=EIO",
  ])
    assert.throws(() => parseInjection(text), undefined, text);
});
test.run();
