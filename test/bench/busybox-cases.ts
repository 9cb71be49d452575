// BusyBox on real input: what is run, and the input. Who runs and measures it: busybox.ts, memory.ts.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUSYBOX, ImageStore } from "../../guest-images/image-store.ts";
import { randomOf } from "../events/sample-events.ts";

const MIB = 2 ** 20;
/** Of BusyBox, in the folder of the input. None starts another program: that would run natively under QEMU. */
export const busyboxCases: readonly (readonly [name: string, words: readonly string[]])[] = [
  ["gzip of 20 MiB", ["gzip", "-c", "text"]],
  ["gunzip of 20 MiB", ["gunzip", "-c", "text.gz"]],
  ["sha256sum of 20 MiB", ["sha256sum", "text"]],
  ["sort of 200,000 lines", ["sort", "lines"]],
  ["awk over 200,000 lines", ["awk", "{ count[$2]++; sum += $1 } END { for (word in count) n++; print n, sum, NR }", "lines"]],
  ["a shell's loop of 200,000 rounds", ["sh", "-c", "i=0; sum=0; while [ $i -lt 200000 ]; do i=$((i + 1)); sum=$((sum + i % 7)); done; echo $sum"]],
  ["find over 4,000 files", ["find", "tree", "-type", "f", "-name", "*7*", "-size", "-3"]],
  ["grep over 4,000 files", ["grep", "-r", "-c", "-e", "abc[d-f]*z", "tree"]],
];

/** The same bytes each time. */
export function writeInput(folder: string): void {
  const random = randomOf(1);
  const word = (): string => Array.from({ length: 2 + random(8) }, () => String.fromCharCode(97 + random(26))).join("");
  const words = Array.from({ length: 5000 }, word);
  const text = (bytes: number): string => {
    let out = "";
    while (out.length < bytes) out += `${words[random(random(words.length) + 1)]}${random(12) === 0 ? "\n" : " "}`;
    return out.slice(0, bytes);
  };
  writeFileSync(join(folder, "text"), text(20 * MIB));
  execFileSync("gzip", ["-k", "-n", join(folder, "text")]);
  writeFileSync(join(folder, "lines"), Array.from({ length: 200_000 }, () => `${random(1_000_000)} ${words[random(words.length)]} ${word()}\n`).join(""));
  for (let i = 0; i < 4000; i++) {
    const at = join(folder, "tree", `d${i % 50}`, `e${i % 7}`);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, `file${i}`), text(500 + random(3000)));
  }
}

/** The image's own program at this path of the host, which can execute it; `false` where there is no image. */
export function writeBusybox(path: string): boolean {
  const store = new ImageStore();
  const content = store.has(BUSYBOX) ? store.open(BUSYBOX).entries.find(entry => entry.path === "/bin/busybox")?.content : undefined;
  if (content) writeFileSync(path, content, { mode: 0o755 });
  return content !== undefined;
}
