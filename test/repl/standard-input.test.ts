// needs: gcc
// A guest that waits for standard input with a timeout: whether input or time comes first is the host's to say, and a recording keeps it.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileGuest } from "../kernel/compiled-guests.ts";

const root = join(import.meta.dirname, "../..");
const home = mkdtempSync(join(tmpdir(), "chronix-input-"));
const guest = compileGuest("timed-input").path;
const inside = guest.replace(dirname(guest), "/mnt");
const chronix = (...words: readonly string[]): readonly string[] => [process.execPath, "--import", "tsx", join(root, "repl/cli.ts"), ...words];
const toRun = (verb: readonly string[], timeout: number): readonly string[] =>
  chronix(...verb, "--image", "demo", "--mount", `${dirname(guest)}:/mnt`, inside, String(timeout));

type Giver = (pipe: NonNullable<ChildProcess["stdin"]>, child: ChildProcess) => void;
/** What a command prints, whose standard input is a file, or a pipe that it is given. */
async function printed([program, ...words]: readonly string[], stdin: number | Giver): Promise<string> {
  const environment = { ...process.env, CHRONIX_HOME: home, XDG_DATA_HOME: home, NO_COLOR: "1" };
  const child = spawn(program!, words, { cwd: root, env: environment, stdio: [typeof stdin === "number" ? stdin : "pipe", "pipe", "inherit"] });
  let out = "";
  child.stdout!.setEncoding("utf8").on("data", (more: string) => {
    out += more;
  });
  if (typeof stdin !== "number") stdin(child.stdin!, child);
  await new Promise(resolve => child.once("close", resolve));
  return out;
}
/** Four bytes for each line that was read, a little later. */
const answer: Giver = (pipe, child) => {
  pipe.write("abcd");
  child.stdout!.on("data", (more: string) => {
    for (const _ of more.matchAll(/bytes/g)) setTimeout(() => pipe.writable && pipe.write("efgh"), 100);
  });
};
const pipes: readonly { readonly what: string; readonly timeout: number; readonly give: Giver }[] = [
  { what: "its end is there", timeout: 3000, give: pipe => void pipe.end() },
  { what: "bytes and its end are there", timeout: 3000, give: pipe => void pipe.end("abcdefghij") },
  { what: "its writer keeps silent", timeout: 50, give: () => {} },
  { what: "its writer lets it wait", timeout: 8000, give: answer },
];

const waiting = suite("standard input with a timeout");
waiting.after(() => rmSync(home, { recursive: true }));
for (const { what, timeout, give } of pipes)
  waiting(`a pipe: ${what}`, async () => {
    const here = await printed(toRun(["run"], timeout), give);
    assert.is(here, await printed([guest, String(timeout)], give));
  });
waiting("a file answers however short the time is", async () => {
  const file = join(home, "input");
  writeFileSync(file, "abcdefghij");
  const [given, none] = [pipes[1]!, pipes[0]!];
  assert.is(await printed(toRun(["run"], 1), openSync(file, "r")), await printed([guest, String(given.timeout)], given.give));
  assert.is(await printed(toRun(["run"], 1), openSync("/dev/null", "r")), await printed([guest, String(none.timeout)], none.give));
});
waiting("a recording has both in their order, and is the same each time", async () => {
  const digests: string[] = [];
  for (const { what, timeout, give } of pipes.slice(1, 3))
    for (const name of ["first", "second"]) {
      const out = await printed(toRun(["record", "-o", name], timeout), give);
      const verdict = JSON.parse(await printed(chronix("replay", "--json", name), openSync("/dev/null", "r"))) as { result: string };
      assert.is(verdict.result, "identical", `${what}: ${out}`);
      digests.push((JSON.parse(await printed(chronix("traceinfo", name), openSync("/dev/null", "r"))) as { digest: string }).digest);
    }
  assert.equal(
    digests.map(digest => digests.indexOf(digest)),
    [0, 0, 2, 2],
  );
});
waiting.run();
