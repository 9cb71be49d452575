// What strace's options add to a trace.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { callSet } from "../../repl/model/event-filter.ts";
import { countsText, Tracing, type TracingOptions } from "../../repl/tracing.ts";
import { scriptedEvents } from "./fake-guest.ts";

const plain: TracingOptions = {
  epochSeconds: 0,
  stamp: "none",
  hasDurations: false,
  hasNumbers: false,
  follows: false,
  showsCall: () => true,
  showsSignal: () => true,
};
function traced(options: Partial<TracingOptions>): { readonly lines: readonly string[]; readonly tracing: Tracing } {
  const tracing = new Tracing({ ...plain, ...options });
  const text =
    scriptedEvents(20)
      .map(event => tracing.next(event))
      .join("") + tracing.end();
  return { lines: text.trimEnd().split("\n"), tracing };
}
const tracing = suite("tracing");
tracing("sets of calls", () => {
  assert.ok(
    traced({ showsCall: callSet("getpid") })
      .lines.filter(line => line.includes("(") && !line.startsWith("execve"))
      .every(line => /getpid|SIGINT/.test(line)),
  );
  assert.ok(callSet("!getpid")("read") && !callSet("!getpid")("getpid") && callSet("/^get/")("getuid") && callSet("39")("getpid"));
  assert.throws(() => callSet("getpit"), /no system call getpit/);
});
tracing("only calls that fail", () => {
  const { lines } = traced({ showsResult: result => result.kind === "fail" });
  assert.ok(lines.filter(line => line.startsWith("openat")).length > 0);
  assert.not(lines.some(line => line.startsWith("getpid")));
});
tracing("times, numbers and durations", () => {
  const { lines } = traced({ stamp: "micros", hasNumbers: true, hasDurations: true });
  assert.match(lines.find(line => line.includes("getpid"))!, /^00:00:00\.000000 \[ {2}39\] getpid\(\) += 1 <0\.000000>$/);
});
tracing("counts", () => {
  const text = countsText(traced({}).tracing.counts);
  assert.match(text, /^% time +seconds +usecs\/call +calls +errors syscall\n/);
  assert.match(text, / +6 +6 openat\n/);
});
tracing.run();
