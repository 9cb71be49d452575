// One guest and one program outside, natively and with the guest in Chronix: what both found out. The recording of the second is replayed.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Image, ImageEntry } from "../../../engine/loader/image.ts";
import type { BootParameters } from "../../../events/kernel-event.ts";
import { HostNetwork } from "../../../repl/network/host-network.ts";
import { serve } from "../../../repl/network/serving.ts";
import { bootSource } from "../../../snapshots/boot-source.ts";
import { Session } from "../../../snapshots/session.ts";

/** The guest, as a program of this host. */
export const program = join(mkdtempSync(join(tmpdir(), "chronix-network-")), "network");
execFileSync("gcc", ["-O1", "-static", "-w", join(import.meta.dirname, "../../guests/network.c"), "-o", program]);
const owned = { uid: 0, gid: 0, mtimeSeconds: 0 };
const entries: readonly ImageEntry[] = [
  { path: "/", kind: "directory", mode: 0o755, ...owned },
  { path: "/network", kind: "file", mode: 0o755, ...owned, content: readFileSync(program) },
];
const image: Image = {
  name: "network",
  digest: "sha256:network",
  entries,
  config: { entrypoint: [], environment: {}, workingDirectory: "/", user: { uid: 0, gid: 0 } },
};

/** What the guest printed, and what the other side found out. */
export interface Found {
  readonly guest: string;
  readonly outside: string;
}
/** Acts outside once the guest listens at the port of this host. */
export type Client = (port: number) => Promise<string>;
const GUEST_PORT = 7000;
const READY = "ready\n";

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}
export async function natively(word: string, client: Client, given?: number): Promise<Found> {
  const port = given ?? (await freePort());
  const child = spawn(program, [word, String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  let guest = "";
  let outside: Promise<string> | undefined = given === undefined ? undefined : client(port);
  child.stdout.on("data", chunk => {
    guest += chunk;
    if (guest.startsWith(READY)) outside ??= client(port);
  });
  await new Promise(resolve => child.on("close", resolve));
  return { guest, outside: (await outside) ?? "" };
}
export interface Recorded extends Found {
  readonly session: Session;
  readonly status: number | undefined;
}
/** `given`: the port outside that the guest dials; else a port of the guest's is published. */
export async function here(word: string, client: Client, given?: number, options: { readonly network?: BootParameters["network"] } = {}): Promise<Recorded> {
  const publish = given === undefined ? [{ address: "127.0.0.1", hostPort: 0, guestPort: GUEST_PORT }] : [];
  const network = new HostNetwork({ publish });
  const [published] = await network.listen();
  let guest = "";
  let outside: Promise<string> | undefined = given === undefined ? undefined : client(given);
  const source = bootSource({ image, argv: ["/network", word, String(given ?? GUEST_PORT)], ...options });
  const session = Session.boot(source, {
    isPaced: true,
    link: network.act,
    output: (_, bytes) => {
      guest += Buffer.from(bytes).toString();
      if (guest.startsWith(READY) && published) outside ??= client(published.hostPort);
    },
  });
  try {
    const status = await serve(session, network);
    return { guest, outside: (await Promise.race([outside, network.close().then(() => outside)])) ?? "", session, status };
  } finally {
    await network.close();
  }
}
/** From its start, without a network; throws where anything is not as it was. */
export function replayed(session: Session): void {
  const { length, screen } = session;
  session.goto({ seq: 0, plus: 0 });
  session.goto({ seq: length, plus: 0 });
  if (session.position.seq !== length || !Buffer.from(screen).equals(session.screen)) throw new Error("The replay is another.");
}

/** Everything that came until the end, and how it ended. */
export const received = (socket: Socket): Promise<{ readonly bytes: Buffer; readonly end: string }> =>
  new Promise(resolve => {
    const chunks: Buffer[] = [];
    let end = "closed";
    socket.on("data", chunk => chunks.push(chunk));
    socket.on("end", () => {
      end = "ended";
      socket.end();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      end = error.code ?? "error";
    });
    socket.on("close", () => resolve({ bytes: Buffer.concat(chunks), end }));
  });
export const client = (port: number): Socket => connect({ host: "127.0.0.1", port, allowHalfOpen: true });
