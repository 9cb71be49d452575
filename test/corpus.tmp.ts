import { ImageStore } from "../guest-images/image-store.ts";
import { cases, expected, CASE_FOLDER, CASE_SECONDS } from "./busybox/corpus.ts";
import { runGuest } from "./headless.ts";
const image = new ImageStore().open("busybox");
const words = process.argv.slice(2);
let good = 0, bad = 0; const t0 = performance.now();
for (const c of cases) {
  if (words.length && !words.some(w => c.name.includes(w))) continue;
  const dirs = new Set<string>(["/"]);
  for (const name of Object.keys(c.files)) { const parts = name.split("/").slice(0, -1); let p = ""; for (const part of parts) { p += "/" + part; dirs.add(p); } }
  const entries = [
    ...[...dirs].map(path => ({ path, kind: "directory" as const, mode: 0o755, uid: 0, gid: 0, mtimeSeconds: CASE_SECONDS })),
    ...Object.entries(c.files).map(([name, text]) => ({ path: "/" + name, kind: "file" as const, mode: 0o644, uid: 0, gid: 0, mtimeSeconds: CASE_SECONDS, content: new TextEncoder().encode(text as string) })),
  ].sort((a, b) => a.path < b.path ? -1 : 1);
  const t = performance.now();
  let line = "";
  try {
    const run = runGuest({ image, argv: ["/bin/sh", "-c", c.script], workingDirectory: CASE_FOLDER, mounts: [{ path: CASE_FOLDER, digest: "x", isReadOnly: false, entries }], stdin: new TextEncoder().encode(c.stdin ?? ""), mostTicks: 3e9 });
    const e = expected(c);
    const status = run.status === undefined ? "none" : (run.status & 0x7f) ? 128 + (run.status & 0x7f) : run.status >> 8;
    const got = { stdout: Buffer.from(run.stdout).toString("latin1"), stderr: Buffer.from(run.stderr).toString("latin1"), status };
    const diffs = (["stdout", "stderr", "status"] as const).filter(k => String(got[k]) !== String((e as any)[k]));
    if (diffs.length === 0) good++;
    else { bad++; line = `DIFF ${c.name}: ` + diffs.map(k => `${k}: got ${JSON.stringify(got[k]).slice(0, 300)} want ${JSON.stringify((e as any)[k]).slice(0, 300)}`).join(" | ") + " " + run.notes.filter(n => !n.includes("rseq")).join(";"); }
  } catch (error) { bad++; line = `EXC ${c.name}: ${(error as Error).stack?.split("\n").slice(0, 4).join(" ")}`; }
  const ms = performance.now() - t;
  if (line) console.log(line); if (ms > 3000) console.log("SLOW", c.name, ms.toFixed(0));
}
console.log({ good, bad }, ((performance.now() - t0) / 1000).toFixed(1));
