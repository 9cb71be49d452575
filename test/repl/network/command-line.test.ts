// needs: gcc
// --publish and --net as a user has them: a guest that serves while it is recorded, the replay without a network, and what is said of a wrong option.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HostNetwork } from "../../../repl/network/host-network.ts";
import { refusal } from "../../../repl/network/refusal.ts";
import { parsePublication } from "../../../repl/publishing.ts";
import { client, freePort, program, received } from "./exchange.ts";

const root = join(import.meta.dirname, "../../..");
const home = mkdtempSync(join(tmpdir(), "chronix-published-"));

function start(...words: readonly string[]): {
  readonly child: ChildProcess;
  readonly text: { out: string; err: string };
  readonly ended: Promise<number | null>;
} {
  const environment = { ...process.env, CHRONIX_HOME: home, XDG_DATA_HOME: home, NO_COLOR: "1" };
  const child = spawn(process.execPath, ["--import", "tsx", join(root, "repl/cli.ts"), ...words], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { out: "", err: "" };
  child.stdout!.on("data", chunk => {
    text.out += chunk;
  });
  child.stderr!.on("data", chunk => {
    text.err += chunk;
  });
  return { child, text, ended: new Promise(resolve => child.on("close", resolve)) };
}
async function chronix(...words: readonly string[]): Promise<{ readonly out: string; readonly err: string; readonly status: number | null }> {
  const { text, ended } = start(...words);
  const status = await ended;
  return { ...text, status };
}
const until = (child: ChildProcess, isThere: () => boolean): Promise<void> =>
  new Promise(resolve => {
    const look = (): void => {
      if (isThere()) resolve();
    };
    child.stdout!.on("data", look);
    child.stderr!.on("data", look);
    child.on("close", () => resolve());
    look();
  });

const test = suite("published by the command line");
for (const verb of ["run", "record"]) {
  test(`${verb} serves clients of this host`, async () => {
    const output = verb === "record" ? ["-o", "served"] : [];
    const { child, text, ended } = start(verb, "--image", "demo", ...output, "--publish", "0:7000", program, "echo", "7000");
    await until(child, () => text.out.includes("ready\n") && text.err.includes("published"));
    const port = Number(/at 127\.0\.0\.1:(\d+)\.$/m.exec(text.err)?.[1]);
    for (const said of ["one", "two", "three"]) {
      const socket = client(port);
      socket.end(said);
      assert.is(String((await received(socket)).bytes), said);
    }
    assert.is(await ended, 0);
    assert.match(text.out, /^ready\n0: 3 bytes from 127\.0\.0\.1 at 127\.0\.0\.1:port\n1: .*\n2: 5 bytes/);
  });
}
test("the replay needs no network, and the trace shows who came", async () => {
  const { out, status } = await chronix("replay", "served");
  assert.match(out, /2: 5 bytes.*\nidentical: \d+ events, [\d,]+ instructions\n$/);
  assert.is(status, 0);
  const { out: dumped } = await chronix("dump", "served");
  assert.match(dumped, /link 1 comes in at port 7000/);
  assert.match(dumped, /link 3 "three"/);
});
test("--net host leads to a server of this host, and is part of the recording", async () => {
  const port = await freePort();
  const { out, status } = await chronix("record", "--image", "demo", "-o", "dialled", "--net", "host", program, "refused", String(port));
  assert.match(out, /^connect ECONNREFUSED\n/);
  assert.is(status, 0);
  assert.match((await chronix("dump", "dialled")).out, /link -1 is refused: ECONNREFUSED/);
  assert.match((await chronix("replay", "dialled")).out, /identical/);
});
test("a wrong option is one sentence", async () => {
  const wrong = ["8080", "80:x", "1.2.3.4:80:80", "70000:80", "80:0", "80:99999", "::1:80:80", "80:80/udp"];
  for (const text of wrong) assert.throws(() => parsePublication(text), new RegExp(`^--publish ${text.replaceAll(".", "\\.")}: .*\\.$`));
  const { err, status } = await chronix("run", "--image", "demo", "--publish", "80:x", "hello");
  assert.match(err, /^chronix: --publish 80:x: write HOST:GUEST .*\n$/);
  assert.is(status, 2);
  assert.is((await chronix("run", "--net", "world", "hello")).status, 2);
  assert.equal(parsePublication("[::1]:8080:80/tcp"), { address: "::1", hostPort: 8080, guestPort: 80 });
  assert.equal(parsePublication("localhost:0:80"), { address: "127.0.0.1", hostPort: 0, guestPort: 80 });
});
test("a port that is in use, or not for this user, is one sentence", async () => {
  const other = new HostNetwork({ publish: [{ address: "127.0.0.1", hostPort: 0, guestPort: 80 }] });
  const [{ hostPort } = { hostPort: 0 }] = await other.listen();
  const { err, out, status } = await chronix("record", "--image", "demo", "--publish", `${hostPort}:80`, "hello");
  await other.close();
  assert.match(err, /^chronix: Cannot publish: 127\.0\.0\.1:\d+ is in use on this host already; choose another port, or 0 for one that is free\.\n$/);
  assert.is(out, "");
  assert.is(status, 125);
  assert.is(
    refusal("::1", 80, { name: "Error", message: "", code: "EACCES" }),
    "Cannot publish: this host does not permit you to listen at [::1]:80; choose a port from 1024 up.",
  );
});
test.after(() => rmSync(home, { recursive: true }));
test.run();
