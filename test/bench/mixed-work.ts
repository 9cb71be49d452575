// A recording of mixed work that goes on until it is ended, and how much of the host's memory it has resident meanwhile.
import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { CHRONIX } from "./runners.ts";

const SAMPLE_MILLIS = 5000;
/** Each round does the same with other data, and leaves nothing behind: builtins, pipes, forks, files, compression, and an interpreter with its modules. */
const SCRIPT = `
mkdir -p /tmp/work && cd /tmp/work
round=0
while :; do
  round=$((round + 1))
  awk -v seed=$round 'BEGIN { srand(seed); for (i = 0; i < 20000; i++) print int(rand() * 100000), "word" int(rand() * 500), i }' > lines
  sort -n lines | uniq -c | tail -n 1
  sort -k 2 lines | awk '{ count[$2]++; sum += $1 } END { for (word in count) n++; print n, sum, NR }'
  gzip -c lines > lines.gz && gunzip -c lines.gz | cksum
  for name in a b c d e f g h i j; do (echo "$name $round" > part-$name; cat part-$name lines | head -n 100 | tr a-z A-Z | wc -c > size-$name) & done
  wait
  cat size-* | sed 's/^ *//' | sort | uniq -c
  i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); echo "$i $round" > small; read a b < small; done
  find /usr/lib/python3 /usr/share -name '*1*' | grep -c e
  python3 -c '
import json, sys, zlib, collections
rows = [line.split() for line in sys.stdin]
by_word = collections.defaultdict(list)
for number, word, index in rows: by_word[word].append(int(number) * int(index))
text = json.dumps({word: sorted(all)[:50] for word, all in by_word.items()}, sort_keys=True)
print(len(text), zlib.crc32(zlib.compress(text.encode())), sum(map(len, json.loads(text).values())))' < lines
  rm -f lines lines.gz part-* size-* small
  echo "round $round"
done
`;

export interface Sample {
  readonly seconds: number;
  readonly residentBytes: number;
}
export interface MixedWork {
  readonly samples: readonly Sample[];
  readonly peakBytes: number;
  readonly rounds: number;
  readonly logBytes: number;
}

/** A field of /proc/PID/status, in bytes. */
function statusBytes(pid: number, field: string): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  if (kib === undefined) throw new Error(`Process ${pid} has no ${field}: it has ended.`);
  return Number(kib) * 1024;
}

/** Records for so long, into this log. Guest time is virtual, so the work is ended from here. */
export async function recordMixedWork(minutes: number, log: string): Promise<MixedWork> {
  const [node = "", ...words] = CHRONIX;
  const child = spawn(node, [...words, "record", "-o", log, "--image", "debian", "/bin/sh", "-c", SCRIPT], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  child.stdout.setEncoding("latin1").on("data", (part: string) => {
    text += part;
  });
  const ended = new Promise<void>(resolve => child.once("close", () => resolve()));
  const samples: Sample[] = [];
  let peakBytes = 0;
  try {
    for (let at = SAMPLE_MILLIS; at <= minutes * 60_000; at += SAMPLE_MILLIS) {
      // Not until a moment: where somebody stops all of this for a while, that is no work.
      await sleep(SAMPLE_MILLIS);
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The recording ended by itself after "${text.slice(-200)}".`);
      samples.push({ seconds: at / 1000, residentBytes: statusBytes(child.pid!, "VmRSS") });
      peakBytes = statusBytes(child.pid!, "VmHWM");
    }
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
  return { samples, peakBytes, rounds: [...text.matchAll(/^round \d+$/gm)].length, logBytes: statSync(log).size };
}
/** The most between two times, in seconds. */
export const mostBetween = (samples: readonly Sample[], from: number, to: number): number =>
  Math.max(...samples.filter(({ seconds }) => seconds > from && seconds <= to).map(({ residentBytes }) => residentBytes));
