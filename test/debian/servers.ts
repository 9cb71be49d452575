// Debian's servers at length: the cases of cases/servers.txt with more requests, recorded twice (one digest) and replayed, with the output that the same binaries give natively; then nginx
// in the guest with a client of this host's, and a client in the guest with a server of this host's. Prints a table for docs/servers.md.
// npm run check:servers -- [--requests N] [WORD…]; natively as root on Linux x86-64 only, else that comparison is left out and said.
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer, get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { HostNetwork } from "../../repl/network/host-network.ts";
import { serve } from "../../repl/network/serving.ts";
import { bootSource } from "../../snapshots/boot-source.ts";
import { openLog } from "../../snapshots/log-folder.ts";
import { DivergenceFound, Session } from "../../snapshots/session.ts";
import type { Case } from "../corpus/corpus.ts";
import { caseRequest } from "../corpus/guest.ts";
import { runNatively } from "../corpus/native.ts";
import { withNativeRoot } from "../corpus/native-root.ts";
import { debianCorpus } from "./corpus.ts";
import { debianOrNull } from "./image.ts";

const { values, positionals } = parseArgs({ options: { requests: { type: "string" } }, allowPositionals: true });
const image = await debianOrNull();
if (!image) process.exit(1);
const folder = mkdtempSync(join(tmpdir(), "chronix-servers-"));
const NATIVE_MILLIS = 600_000;
/** Variables of each case's script. */
const LONG: Readonly<Record<string, readonly string[]>> = {
  "servers/nginx and curl": [`N=${values.requests ?? 1000}`],
  "servers/redis": [`N=${values.requests ?? 20_000}`, "T=set,get"],
  "servers/openssl s_server and s_client": [`N=${values.requests ?? 10}`, "V=-tls1_2 -tls1_3"],
};
const isWanted = (name: string): boolean => positionals.length === 0 || positionals.some(word => name.includes(word));
let hasFailed = false;
const expect = (holds: boolean, sentence: string): void => {
  if (holds) return;
  hasFailed = true;
  console.log(`FAILED: ${sentence}`);
};

interface Recorded {
  readonly output: string;
  readonly status: number | undefined;
  readonly digest: string;
  readonly events: number;
  readonly instructions: number;
  readonly seconds: number;
}
/** Processor seconds, so that what else runs on this host counts for little. */
const seconds = (): number => process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6;
async function recorded(
  path: string,
  request: Parameters<typeof bootSource>[0],
  network = new HostNetwork(),
  onOutput: (all: string) => void = () => {},
): Promise<Recorded> {
  const streams = { stdout: "", stderr: "" };
  const began = seconds();
  const session = Session.boot(bootSource(request), {
    path,
    isPaced: true,
    link: network.act,
    now: Date.now,
    note: text => console.log(text),
    output: (to, bytes) => {
      streams[to === "stderr" ? "stderr" : "stdout"] += Buffer.from(bytes).toString("latin1");
      onOutput(streams.stdout);
    },
  });
  session.input({ source: "stdin", bytes: null });
  const status = await serve(session, network);
  const { digest, position } = session;
  session.close();
  return { output: streams.stdout + streams.stderr, status, digest, events: position.seq, instructions: position.tick, seconds: seconds() - began };
}
/** Seconds, from a new machine to the log's end; every event is checked. */
function replayed(path: string, request: Parameters<typeof bootSource>[0], name: string): number {
  const began = seconds();
  const reader = openLog(path);
  const session = Session.open(reader, bootSource(request));
  session.goto({ seq: 0, plus: 0 });
  try {
    while (session.position.seq < session.length) session.run({ seq: Math.min(session.length, session.position.seq + 5000), tick: 0 });
  } catch (error) {
    if (!(error instanceof DivergenceFound)) throw error;
    expect(false, `${name}: the replay diverged at ${error.divergence.seq}, in ${error.divergence.path}`);
  }
  session.close();
  return seconds() - began;
}
const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");
const row = (...cells: readonly (string | number)[]): void => console.log(`| ${cells.join(" | ")} |`);
row("what", "events", "instructions", "recorded (CPU s)", "replayed (CPU s)", "natively");
row("---", "---", "---", "---", "---", "---");

async function natively(one: Case, variables: readonly string[]): Promise<string | undefined> {
  if (process.getuid?.() !== 0 || process.platform !== "linux") return undefined;
  return await withNativeRoot(image!, async root => {
    const { stdout, stderr } = await runNatively(image!, root, one, variables, NATIVE_MILLIS);
    return stdout + stderr;
  });
}
for (const one of debianCorpus.cases) {
  const variables = LONG[one.name];
  if (!variables || !isWanted(one.name)) continue;
  const request = caseRequest(image, one);
  const environment = [...Object.entries(image.config.environment).map(([name, value]) => `${name}=${value}`), ...variables];
  const [first, again] = [join(folder, "first"), join(folder, "again")];
  const run = await recorded(first, { ...request, environment });
  expect(run.status === 0, `${one.name} ended with ${run.status}: ${run.output.slice(-300)}`);
  const second = await recorded(again, { ...request, environment });
  expect(run.digest === second.digest, `${one.name}: two recordings have two digests`);
  const replaySeconds = replayed(first, { ...request, environment }, one.name);
  const native = await natively(one, variables);
  expect(native === undefined || native === run.output, `${one.name}: natively ${JSON.stringify(native)}, here ${JSON.stringify(run.output)}`);
  row(
    `${one.name.slice("servers/".length)}, ${variables.join(" ")}`,
    grouped(run.events),
    grouped(run.instructions),
    run.seconds.toFixed(1),
    replaySeconds.toFixed(1),
    native === undefined ? "not compared" : native === run.output ? "the same" : "another",
  );
}

const CONFIG = `worker_processes 1; daemon off; pid /tmp/pid; error_log /tmp/error.log;
events { worker_connections 256; }
http { access_log off; server { listen 80; root /tmp/www; } }`;
function fetched(port: number, path: string, agent: Agent): Promise<{ readonly status: number; readonly length: number }> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path, agent }, response => {
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, length }));
      response.on("error", reject);
    }).on("error", reject);
  });
}
if (isWanted("published nginx")) {
  const count = Number(values.requests ?? 1000);
  const network = new HostNetwork({ publish: [{ address: "127.0.0.1", hostPort: 0, guestPort: 80 }] });
  const [{ hostPort } = { hostPort: 0 }] = await network.listen();
  // Ten connections that are kept, then as many requests again over one each.
  const client = async (): Promise<void> => {
    for (const keepAlive of [true, false]) {
      const agent = new Agent({ keepAlive, maxSockets: 10 });
      const all = await Promise.all(Array.from({ length: count / 2 }, (_, i) => fetched(hostPort, i % 10 === 0 ? "/large" : `/?${i}`, agent)));
      agent.destroy();
      expect(
        all.every(({ status, length }, i) => status === 200 && length === (i % 10 === 0 ? 300_000 : 692)),
        `published nginx: ${JSON.stringify(all.slice(0, 3))} …`,
      );
    }
    await fetched(hostPort, "/quit", new Agent());
  };
  // A request for /quit is in nobody's log: the script looks for it, and then lets nginx end.
  const script = `mkdir /tmp/www; seq 1 200 > /tmp/www/index.html; head -c 300000 /dev/zero > /tmp/www/large; echo '${CONFIG}' > /tmp/conf
nginx -c /tmp/conf & until [ -s /tmp/pid ]; do sleep 0.1; done; echo ready; until grep -q quit /tmp/error.log; do sleep 0.5; done; kill -QUIT $!; wait; echo over`;
  const request = { image, argv: ["/bin/sh", "-c", script] };
  let served: Promise<void> | undefined;
  const began = performance.now();
  const path = join(folder, "published");
  const run = await recorded(path, request, network, all => {
    if (all.startsWith("ready\n")) served ??= client();
  });
  const elapsed = (performance.now() - began) / 1000;
  await served;
  await network.close();
  expect(run.output === "ready\nover\n", `published nginx said ${run.output}`);
  row(
    `nginx published, ${count} requests of this host's, ${elapsed.toFixed(1)} s`,
    grouped(run.events),
    grouped(run.instructions),
    run.seconds.toFixed(1),
    replayed(path, request, "published nginx").toFixed(1),
    "",
  );
}
if (isWanted("--net host")) {
  const count = Number(values.requests ?? 100);
  const server = createServer((_, response) => response.end("y".repeat(1000)));
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const script = `for i in $(seq ${count}); do echo "url = http://127.0.0.1:${port}/?$i"; done > /tmp/urls; curl -sS -K /tmp/urls | wc -c; curl -sS -Z -K /tmp/urls 2> /dev/null | wc -c; curl -sS http://192.0.2.1/; echo $?`;
  const request = { image, argv: ["/bin/sh", "-c", script], network: "host" } as const;
  const path = join(folder, "dialled");
  const run = await recorded(path, request);
  server.closeAllConnections();
  server.close();
  expect(run.output.startsWith(`${count * 1000}\n${count * 1000}\n`) && run.output.endsWith("\n7\n"), `--net host: ${run.output}`);
  row(
    `curl in the guest, ${2 * count} requests to this host's server`,
    grouped(run.events),
    grouped(run.instructions),
    run.seconds.toFixed(1),
    replayed(path, request, "--net host").toFixed(1),
    "",
  );
}
rmSync(folder, { recursive: true });
process.exitCode = hasFailed ? 1 : 0;
