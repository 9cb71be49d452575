// needs: gcc
// A guest that tries every way out that is known: no host file is reached, no host socket is told anything, and a mounted folder stays as it is.
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { chmodSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Mount } from "../../engine/boot.ts";
import type { ImageEntry } from "../../engine/loader/image.ts";
import { baseRoot, ROOT_ENVIRONMENT } from "../../guest-images/base-root.ts";
import { entriesDigest } from "../../guest-images/digest.ts";
import { hostFolder } from "../../guest-images/host-folder.ts";
import { makeImage } from "../../guest-images/image.ts";
import { runGuest } from "../headless.ts";

const SECRET = "the secret of the host: 6b1f0c";
const host = mkdtempSync(join(tmpdir(), "chronix-escapes-"));
const [outside, shared, build] = [join(host, "outside"), join(host, "shared"), join(host, "build")];

function furnish(): void {
  for (const folder of [build, outside, shared, join(shared, "deep")]) mkdirSync(folder);
  writeFileSync(join(outside, "secret"), SECRET);
  chmodSync(join(outside, "secret"), 0o777);
  for (const name of ["inside", "deep/file"]) writeFileSync(join(shared, name), `what may be read: ${name}\n`);
  writeFileSync(join(shared, "control"), `A copy of ${SECRET}.\n`);
  linkSync(join(shared, "inside"), join(shared, "linked"));
  const links = { out: "../outside/secret", absolute: join(outside, "secret"), up: "..", folder: outside, chain: "up/outside/secret" };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, join(shared, name));
}
/** All there is in the folder, in one text. (Node's own recursive listing follows links.) */
function inventory(folder: string): string {
  return readdirSync(folder)
    .toSorted()
    .map(name => {
      const path = join(folder, name);
      const stats = lstatSync(path);
      const content = stats.isFile() ? readFileSync(path, "latin1") : stats.isSymbolicLink() ? readlinkSync(path) : stats.isDirectory() ? inventory(path) : "";
      return `${name} ${stats.mode.toString(8)} ${stats.uid} ${stats.nlink} ${stats.mtimeMs} ${content}`;
    })
    .join("\n");
}
function image() {
  const elf = join(build, "escapes");
  execFileSync("gcc", ["-O1", "-static", "-w", join(import.meta.dirname, "../guests/escapes.c"), "-o", elf], { stdio: ["ignore", "ignore", "inherit"] });
  const guest: ImageEntry = { path: "/bin/escapes", kind: "file", mode: 0o755, uid: 0, gid: 0, mtimeSeconds: 0, content: new Uint8Array(readFileSync(elf)) };
  return makeImage("escapes", [...baseRoot({ system: "escapes", mtimeSeconds: 0 }), guest], {
    entrypoint: [guest.path],
    environment: ROOT_ENVIRONMENT,
    workingDirectory: "/tmp",
    user: { uid: 0, gid: 0 },
  });
}

test("no way leads out", async () => {
  furnish();
  let connections = 0;
  const server = createServer(socket => {
    connections++;
    socket.end(SECRET);
  });
  const named = createServer(() => connections++).listen(join(shared, "socket"));
  const datagrams = createSocket("udp4").on("message", () => connections++);
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise<void>(resolve => datagrams.bind(port, "127.0.0.1", resolve));

  const { entries } = hostFolder(shared);
  const folder = { entries, digest: entriesDigest(entries) };
  const mounts: readonly Mount[] = [
    { path: "/mnt/host", isReadOnly: false, ...folder },
    { path: "/mnt/read-only", isReadOnly: true, ...folder },
  ];
  const guests = image();
  const before = inventory(host);
  const argv = ["/bin/escapes", SECRET, join(outside, "secret"), shared, String(port), String(process.pid)];
  const { stdout, stderr, status } = runGuest({ image: guests, argv, mounts, mostTicks: 500_000_000 });
  const lines = Buffer.from(stdout).toString("latin1").trim().split("\n");
  if (process.env.SHOW) console.log(lines.join("\n"));
  const after = inventory(host);
  // What was sent while the guest ran arrives now.
  await new Promise(resolve => setTimeout(resolve, 100));
  for (const one of [server, named, datagrams]) one.close();

  assert.is(status, 0, Buffer.from(stderr).toString());
  assert.equal(
    lines.filter(line => line.startsWith("REACHED")),
    ["REACHED control /mnt/host/control: 58 bytes".replace("58", String(readFileSync(join(shared, "control")).length))],
  );
  assert.ok(lines.length > 200, `only ${lines.length} attempts`);
  assert.not.ok(lines.some(line => line.startsWith("an attempt was ended")));
  assert.is(connections, 0);
  assert.is(after, before);
});
test.after(() => rmSync(host, { recursive: true, force: true }));
test.run();
