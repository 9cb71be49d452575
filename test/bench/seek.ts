// How long it takes to go to any event of a long recording, and how large that recording is: npm run bench:seek [-- --json --events N --jumps N]
// Wall time is what a person waits for; processor time beside it tells how much of that is ours where others load the host.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { FileSource } from "../../events/log/file-source.ts";
import { LogReader } from "../../events/log/reader.ts";
import { BUSYBOX, pullBusybox } from "../../guest-images/busybox.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { bootSource } from "../../snapshots/boot-source.ts";
import { Session } from "../../snapshots/session.ts";
import { randomOf } from "../events/sample-events.ts";

/** Builtins, pipes, files, children: what a long session of a shell is made of. Each round is about 400 events. */
const SCRIPT = `
mkdir -p /tmp/w && cd /tmp/w
i=0
while [ $i -lt ROUNDS ]; do
  i=$((i + 1))
  echo "line $i" >> log
  read first < log
  for j in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    echo "$i $j" > file$j
    read a b < file$j
    [ -f file$j ] && : $((a + b))
  done
  echo "$i" | tr 0-9 a-j | cat > last
  [ $((i % 10)) -eq 0 ] && find . -name 'file1*' | sort | wc -l
done
`;
const EVENTS_A_ROUND = 480;

interface Times {
  readonly wall: number;
  readonly cpu: number;
}
interface Summary {
  readonly count: number;
  readonly median: Times;
  readonly p95: Times;
  readonly worst: Times;
}
const { values: wanted } = parseArgs({
  options: {
    json: { type: "boolean" },
    events: { type: "string", default: "200000" },
    jumps: { type: "string", default: "200" },
    seed: { type: "string", default: "1" },
  },
});

/** Milliseconds. */
function timed(act: () => void): Times {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  act();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - wall, cpu: (user + system) / 1000 };
}
function summaryOf(all: readonly Times[]): Summary {
  const at = (part: number): Times => {
    const nth = (pick: (times: Times) => number): number => all.map(pick).toSorted((a, b) => a - b)[Math.min(all.length - 1, Math.floor(part * all.length))]!;
    return { wall: nth(({ wall }) => wall), cpu: nth(({ cpu }) => cpu) };
  };
  return { count: all.length, median: at(0.5), p95: at(0.95), worst: at(1) };
}
/** What the file holds besides page contents and the bytes that calls carry. Compressed as they are, the parts of a block are divided by their shares of its payload. */
function overheadBytes(log: LogReader, fileBytes: number): { readonly total: number; readonly contents: number; readonly carried: number } {
  const eventBlocks = log.eventBlocks;
  const share = (blocks: LogReader["pages"]): number =>
    blocks.reduce((sum, { header }) => sum + Math.floor(header.storedBytes * (1 - header.split / Math.max(1, header.payloadBytes))), 0);
  const [contents, carried] = [share(log.pages), share(eventBlocks)];
  return { total: fileBytes - contents - carried, contents, carried };
}

const store = new ImageStore();
const image = store.has(BUSYBOX) ? store.open(BUSYBOX) : await pullBusybox({ store });
const folder = mkdtempSync(join(tmpdir(), "chronix-seek-"));
try {
  const path = join(folder, "long.chronix");
  const rounds = Math.ceil(Number(wanted.events) / EVENTS_A_ROUND);
  const source = bootSource({ image, argv: ["/bin/sh", "-c", SCRIPT.replace("ROUNDS", String(rounds))] });
  const recorded = Session.boot(source, { path });
  const recording = timed(() => recorded.runToEnd());
  const events = recorded.length;
  recorded.close();

  const log = new LogReader(new FileSource(path));
  const session = Session.open(log, source);
  const random = randomOf(Number(wanted.seed));
  const gotos: Times[] = [];
  const backs: Times[] = [];
  for (let i = 0; i < Number(wanted.jumps); i++) {
    const seq = 1 + random(events - 1);
    gotos.push(timed(() => session.goto({ seq, plus: 0 })));
    backs.push(timed(() => session.back()));
  }
  const size = statSync(path).size;
  const overhead = overheadBytes(log, size);
  const result = {
    events,
    ticks: log.event(events - 1)!.tick,
    keyframes: log.keyframes.length,
    recordingMillis: recording,
    fileBytes: size,
    bytesAnEvent: { file: size / events, beyondContents: overhead.total / events },
    parts: overhead,
    keyframeBytes: log.keyframes.reduce((sum, { header }) => sum + header.storedBytes, 0),
    goto: summaryOf(gotos),
    back: summaryOf(backs),
    residentBytes: process.memoryUsage().rss,
  };
  session.close();
  log.close();
  console.log(wanted.json ? JSON.stringify(result, null, 2) : result);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
