// The command line as a user has it: each verb in a process of its own, with the embedded image and an empty store.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const root = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "chronix-commands-"));

function chronix(words: readonly string[], input = ""): { readonly out: string; readonly err: string; readonly status: number | null } {
  const environment = { ...process.env, CHRONIX_HOME: home, XDG_STATE_HOME: home, NO_COLOR: "1" };
  const { stdout, stderr, status } = spawnSync(process.execPath, ["--import", "tsx", join(root, "repl/cli.ts"), ...words], {
    cwd: root,
    env: environment,
    input,
    encoding: "utf8",
  });
  return { out: stdout, err: stderr, status };
}
const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1)!;

const recording = suite("recording");
recording("record is a pipe filter, and replay checks it", () => {
  const recorded = chronix(["record", "--image", "demo", "-o", "first", "--", "menu"], "hello\nexit 3\n");
  assert.match(recorded.out, /Hello/);
  assert.is(recorded.status, 3);
  const replayed = chronix(["replay"]);
  assert.match(lastLine(replayed.out), /^identical: \d+ events, [\d,]+ instructions$/);
  assert.is(replayed.status, 3);
});
recording("lists, processes, events and facts of a recording", () => {
  assert.match(chronix(["ls"]).out, /^NAME +BYTES +RECORDED\nfirst /);
  const processes = JSON.parse(chronix(["ps", "--json"]).out) as { cmd: string; exit: number }[];
  assert.equal(
    processes.map(({ cmd }) => cmd),
    ["menu", "hello"],
  );
  assert.is(processes[0]!.exit, 3);
  assert.match(chronix(["dump", "0-1"]).out, /^ +0 +0 +boot/);
  const facts = JSON.parse(chronix(["traceinfo"]).out) as { isComplete: boolean; events: number };
  assert.ok(facts.isComplete && facts.events > 10);
});
recording("trace shows what strace would", () => {
  const { out } = chronix(["trace", "-f", "-e", "trace=write,%process", "first"]);
  assert.match(out, /write\(1, "Hello/);
  assert.match(out, /\+\+\+ exited with 3 \+\+\+/);
  assert.not.match(out, /read\(/);
  assert.match(chronix(["trace", "-c", "first"]).out, /% time +seconds/);
  assert.match(chronix(["trace", "-ttt", "-n", "first"]).out, /^\d+\.\d{6} /m);
});
recording("the past can be looked at without executing it by hand", () => {
  assert.match(chronix(["cat", "--at", "5", "/etc/passwd"]).out, /^root:/);
  assert.match(chronix(["ls", "--at", "5", "/bin"]).out, /hello/);
  assert.match(chronix(["maps", "--at", "5"]).out, /r-xp .*menu/);
  assert.match(chronix(["fds", "--at", "5"]).out, / 0 /);
});

const branching = suite("branching");
branching("a fork with another input leaves its parent as it was", () => {
  const before = chronix(["traceinfo", "first"]).out;
  const events = chronix(["dump", "first"]).out.split("\n");
  const input = events.findIndex(line => line.includes("input: stdin"));
  const forked = chronix(["fork", "first", "--at", String(input), "--input", "pingpong 2\\nexit 5\\n", "-o", "second"]);
  assert.is(forked.status, 5);
  assert.is(chronix(["traceinfo", "first"]).out, before);
  assert.match(lastLine(chronix(["replay", "second"]).out), /^identical/);
  const difference = chronix(["diff", "first..second"]);
  assert.is(difference.status, 1);
  assert.match(difference.out, new RegExp(`first differ at event ${input}`));
  assert.match(chronix(["log", "--graph"]).out, /\* first: \d+ events.*\n +╰─ second from \d+/);
});
branching("errors are injected while a guest runs, and into a recording, as strace counts them", () => {
  const failing = ["--inject", "write:error=EIO:when=2..3"];
  const recorded = chronix(["record", "--image", "demo", ...failing, "-o", "injected", "--", "menu"], "hello\nhello\nhello\nexit 3\n");
  assert.is(recorded.out, chronix(["run", "--image", "demo", ...failing, "--", "menu"], "hello\nhello\nhello\nexit 3\n").out);
  assert.match(lastLine(chronix(["replay", "injected"]).out), /^identical/);
  const failed = (text: string) => text.split("\n").filter(line => line.includes("EIO (Input/output error) (INJECTED)")).length;
  assert.is(failed(chronix(["trace", "-f", "-e", "write", "injected"]).out), 2);
  assert.is(failed(chronix(["trace", "-f", "-e", "trace=write", "-e", "inject=write:error=EIO:when=1", "first"]).out), 1);
  assert.is(failed(chronix(["trace", "--image", "demo", "-e", "inject=write:error=EIO", "--", "hello"]).err), 1);
  assert.is(chronix(["fork", "first", "--inject", "write:error=EIO:when=99"]).status, 125);
});
branching("names for positions", () => {
  chronix(["goto", "first@{9}"]);
  chronix(["tag", "nine", "HEAD"]);
  assert.match(chronix(["goto", "nine~2"]).out + chronix(["goto", "HEAD~2"]).out, /first@\{7\}/);
});

const refusing = suite("refusing");
refusing("mistakes are one sentence, with 2 for usage and 125 for the rest", () => {
  const cases: readonly (readonly [number, ...string[]])[] = [
    [2, "replay", "nothing-of-that-name"],
    [2, "frobnicate"],
    [2, "run", "--memory", "1", "--", "hello"],
    [2, "trace", "-k", "first"],
    [2, "run", "--inject", "write:error=NONE", "--", "hello"],
    [2, "run", "--inject", "write:error=EIO:when=0", "--", "hello"],
    [125, "run", "--image", "demo", "--", "no-such-program"],
    [2, "repl", "first"],
  ];
  for (const [status, ...words] of cases) {
    const refused = chronix(words);
    assert.is(refused.status, status, words.join(" "));
    assert.not.match(refused.err, /\n {4}at /, refused.err);
  }
});
refusing("removed is removed", () => {
  assert.is(chronix(["rm", "second"]).status, 0);
  assert.not(existsSync(join(home, "logs/second.chronix")));
});
refusing.after(() => rmSync(home, { recursive: true }));
for (const one of [recording, branching, refusing]) one.run();
