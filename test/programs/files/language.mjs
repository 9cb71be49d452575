// What Node can do without the network: the JIT hot, workers, WebAssembly, streams, zlib, crypto, child processes, file system, timers, BigInt, regular expressions, Intl.
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";
import { createHash, createHmac, generateKeyPairSync, pbkdf2Sync, sign, verify } from "node:crypto";
import { execFile, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, watch, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { Readable, Transform } from "node:stream";
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { promisify } from "node:util";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AsyncLocalStorage } from "node:async_hooks";

const sha = bytes => createHash("sha256").update(bytes).digest("hex").slice(0, 12);
if (!isMainThread) {
  const shared = new Int32Array(workerData.buffer);
  for (let i = 0; i < 1000; i++) Atomics.add(shared, 0, workerData.by);
  parentPort.postMessage({ from: workerData.by, seen: Array.from({ length: 5 }, (_, i) => i ** workerData.by) });
} else {
  // Hot loops: integers, doubles, objects of several shapes, closures, strings.
  function sieve(n) { const composite = new Uint8Array(n + 1); let count = 0; for (let i = 2; i <= n; i++) { if (composite[i]) continue; count++; for (let j = i * i; j <= n; j += i) composite[j] = 1; } return count; }
  class Vector { constructor(x, y, z) { this.x = x; this.y = y; this.z = z; } dot({ x, y, z }) { return this.x * x + this.y * y + this.z * z; } }
  let sum = 0; for (let i = 0; i < 300_000; i++) sum += new Vector(i % 7, i / 3, -i).dot({ x: 1, y: i % 5, z: 0.5 });
  const fib = n => (n < 2 ? n : fib(n - 1) + fib(n - 2));
  const shapes = [{ a: 1 }, { a: 2, b: 1 }, { b: 1, a: 3 }, { c: 0, a: 4 }, { d: 0, a: 5 }]; let mixed = 0; for (let i = 0; i < 200_000; i++) mixed += shapes[i % 5].a ^ i;
  let text = ""; for (let i = 0; i < 20_000; i++) text += String.fromCharCode(97 + (i * i * 7 + (i >> 4)) % 26);
  console.log("hot", sieve(300_000), sum.toFixed(3), fib(24), mixed, sha(text), text.match(/(?<=a)[b-m]+?z?/g).length, text.replace(/(.)(.)/g, "$2$1").slice(0, 10));
  console.log("numbers", 2n ** 200n % 1000000007n, 0.1 + 0.2, (1e21).toString(), (123.456).toExponential(2), Number("0x1f"), parseFloat("3.14abc"), Math.hypot(3, 4), Math.fround(5.05), [3, 20, 100].sort(), [3, 20, 100].toSorted((a, b) => b - a));
  console.log("text", "straße".toLocaleUpperCase("de"), new Intl.NumberFormat("de-DE", { style: "currency", currency: "EUR" }).format(1234567.891), new Intl.DateTimeFormat("en-GB", { dateStyle: "full", timeZone: "UTC" }).format(new Date(1700000000000)), ["ä", "z", "a"].sort(new Intl.Collator("sv").compare), "👨‍👩‍👧".length, [...new Intl.Segmenter().segment("👨‍👩‍👧é")].length, "\u0065\u0301".normalize("NFC"));
  const { proxy, calls } = (() => { const calls = []; return { calls, proxy: new Proxy({}, { get: (_, name) => (calls.push(name), name) }) }; })(); proxy.one; proxy.two;
  function* counter() { let step = 1; for (let i = 0; ; i += step) step = (yield i) ?? step; } const counting = counter(); counting.next(); counting.next();
  console.log("language", calls, counting.next(10).value, structuredClone({ when: new Date(0), map: new Map([[1, { set: new Set([2]) }]]) }), Object.groupBy([1, 2, 3], n => (n % 2 ? "odd" : "even")), [..."abc"].entries().map(([i, c]) => c.repeat(i)).toArray(), new Error("outer", { cause: new RangeError("inner") }).cause.message);
  const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 127, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 27, 1, 25, 1, 1, 127, 3, 64, 32, 1, 32, 0, 106, 33, 1, 32, 0, 65, 1, 107, 34, 0, 13, 0, 11, 32, 1, 11]);
  const { instance } = await WebAssembly.instantiate(wasm); let wasmSum = 0; for (let i = 0; i < 2000; i++) wasmSum += instance.exports.f(100); console.log("wasm", wasmSum);
  const buffer = new SharedArrayBuffer(4);
  const messages = await Promise.all([1, 2, 3].map(by => new Promise((resolve, reject) => new Worker(new URL(import.meta.url), { workerData: { buffer, by } }).on("message", resolve).on("error", reject))));
  console.log("workers", messages, new Int32Array(buffer)[0]);
  const data = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) >> 3)); 
  console.log("zlib", gunzipSync(gzipSync(data)).equals(data), brotliDecompressSync(brotliCompressSync(data.subarray(0, 20_000))).length, sha(data), createHmac("sha512", "key").update(data).digest("base64").slice(0, 16), pbkdf2Sync("p", "s", 1000, 16, "sha256").toString("hex"));
  const { privateKey, publicKey } = generateKeyPairSync("ed25519"); console.log("keys", verify(null, data, publicKey, sign(null, data, privateKey)));
  const folder = mkdtempSync(join(tmpdir(), "node-")), file = join(folder, "file");
  await writeFile(file, data); const again = await readFile(file); writeFileSync(file, "x", { flag: "a" }); console.log("files", again.equals(data), statSync(file).size, readFileSync(file).at(-1));
  const changed = new Promise(resolve => { const watcher = watch(folder, (kind, name) => { watcher.close(); resolve(`${kind} ${name}`); }); }); writeFileSync(join(folder, "new"), ""); console.log("watch", await changed);
  const { stdout } = await promisify(execFile)(process.execPath, ["-p", "process.argv.length + [1,2,3].map(n => n * n).join()"]); const killed = spawnSync("sleep", ["30"], { timeout: 200 });
  console.log("children", stdout.trim(), killed.signal, spawnSync("sh", ["-c", "cat; echo no >&2; exit 3"], { input: "in", encoding: "utf8" }).output, rmSync(folder, { recursive: true }));
  let lines = 0; await pipeline(Readable.from((function* () { for (let i = 0; i < 3000; i++) yield `line ${i}\n`; })()), new Transform({ transform(chunk, _, done) { lines += chunk.toString().split("\n").length - 1; done(null, chunk); } }), async source => { for await (const _ of source); }); console.log("stream", lines);
  const order = []; const storage = new AsyncLocalStorage();
  await storage.run("context", async () => { setTimeout(() => order.push("timeout"), 5); setImmediate(() => order.push("immediate")); process.nextTick(() => order.push("tick")); queueMicrotask(() => order.push("microtask")); await null; order.push("await"); await new Promise(resolve => setTimeout(resolve, 30)); order.push(storage.getStore()); });
  console.log("order", order.join(" "));
  await new Promise(resolve => { process.once("SIGUSR2", signal => { console.log("signal", signal); resolve(); }); process.kill(process.pid, "SIGUSR2"); const keep = setInterval(() => {}, 50); setTimeout(() => clearInterval(keep), 200); });
  process.exitCode = 3; process.on("exit", code => console.log("exit", code));
}
