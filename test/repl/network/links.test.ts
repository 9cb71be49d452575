// needs: gcc
// Connections with this host: the guest and whoever is outside find the same as natively, and the recording replays without a network.
import { createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { HostNetwork } from "../../../repl/network/host-network.ts";
import { type Client, client, type Found, freePort, here, natively, received, replayed } from "./exchange.ts";

const MEBIBYTE = 2 ** 20;
const pattern = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255));

const published = suite("published ports");
async function comparesWith(word: string, outside: Client): Promise<Found> {
  const native = await natively(word, outside);
  const ours = await here(word, outside);
  assert.equal({ guest: ours.guest, outside: ours.outside }, native);
  assert.is(ours.status, 0);
  replayed(ours.session);
  return native;
}
published("every byte comes back, of small and large", async () => {
  const { outside } = await comparesWith("echo", async port => {
    const said: string[] = [];
    for (const length of [0, 5, MEBIBYTE]) {
      const socket = client(port);
      const sent = pattern(length);
      socket.end(sent);
      const { bytes, end } = await received(socket);
      said.push(`${bytes.equals(sent)} ${bytes.length} ${end}`);
    }
    return said.join(", ");
  });
  assert.is(outside, `true 0 ended, true 5 ended, true ${MEBIBYTE} ended`);
});
published("half closed: answered after the end", async () => {
  const { outside } = await comparesWith("sum", async port => {
    const socket = client(port);
    socket.write("12345");
    await pause(20);
    socket.end("678");
    const { bytes, end } = await received(socket);
    return `${bytes} ${end}`;
  });
  assert.is(outside, "8\n ended");
});
published("a slow client makes the guest wait, and gets all", async () => {
  const { outside } = await comparesWith("flood", async port => {
    const socket = client(port);
    await pause(300);
    const { bytes } = await received(socket);
    return String(bytes.length);
  });
  assert.is(outside, "20000000");
});
published("the guest breaks off", async () => {
  const { outside } = await comparesWith("break", async port => {
    const said: string[] = [];
    for (let i = 0; i < 2; i++) {
      const socket = client(port);
      socket.write("xyz");
      said.push((await received(socket)).end);
    }
    return said.join(" ");
  });
  assert.is(outside, "ECONNRESET ECONNRESET");
});
published("the client breaks off", async () => {
  const { guest } = await comparesWith("broken", async port => {
    const first = client(port);
    first.write("abc", () => setTimeout(() => first.resetAndDestroy(), 50));
    await received(first);
    const second = client(port);
    second.on("data", () => {});
    second.end("abc", () => setTimeout(() => second.resetAndDestroy(), 50));
    await received(second);
    return "";
  });
  assert.match(guest, /ECONNRESET[\s\S]*EPIPE/);
});
published("fifty at once, watched by epoll", async () => {
  const { guest } = await comparesWith("many", async port => {
    const all = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const socket = client(port);
        socket.write(`client ${i}`);
        await pause(i % 7);
        socket.end(" ends");
        return String((await received(socket)).bytes);
      }),
    );
    return all.join("\n");
  });
  assert.is(guest, "ready\nserved 50, open 0\n");
});
published("more clients than the listener lets wait", async () => {
  // Natively some of them are reset, sometimes: the kernel drops handshakes, and what retransmissions come to depends on the time.
  const { outside, session } = await here("crowd", async port => {
    const all = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const socket = client(port);
        socket.end("four");
        return String((await received(socket)).bytes);
      }),
    );
    return all.join(" ");
  });
  assert.is(outside, "served served served served served served");
  replayed(session);
});
published("time passes while nobody comes", async () => {
  const { guest } = await comparesWith("wait", async port => {
    await pause(300);
    const socket = client(port);
    await new Promise<Buffer>(resolve => socket.once("data", resolve));
    socket.end("later");
    return "";
  });
  assert.match(guest, /poll 0\npoll 1\nread EAGAIN\npending 5, peek 3, read 5\n/);
});
published("who comes where nobody listens is reset", async () => {
  const network = new HostNetwork({ publish: [{ address: "127.0.0.1", hostPort: 0, guestPort: 1 }] });
  const [{ hostPort } = { hostPort: 0 }] = await network.listen();
  const { session, outside } = await here("wait", async port => {
    const lost = client(hostPort);
    const end = received(lost);
    const socket = client(port);
    await new Promise<Buffer>(resolve => socket.once("data", resolve));
    socket.end("later");
    await network.close();
    return (await end).end;
  });
  assert.is(outside, "ECONNRESET");
  replayed(session);
});
published("a port in use is told in one sentence", async () => {
  const first = new HostNetwork({ publish: [{ address: "127.0.0.1", hostPort: 0, guestPort: 80 }] });
  const [{ hostPort } = { hostPort: 0 }] = await first.listen();
  const second = new HostNetwork({ publish: [{ address: "127.0.0.1", hostPort, guestPort: 80 }] });
  try {
    await second.listen();
    assert.unreachable();
  } catch (error) {
    assert.is(
      (error as Error).message,
      `Cannot publish: 127.0.0.1:${hostPort} is in use on this host already; choose another port, or 0 for one that is free.`,
    );
  }
  await first.close();
});
published.run();

const dialling = suite("the host's loopback");
/** A server outside: answers `question` once it ends, and breaks off after `reset`. */
async function server(): Promise<{ readonly port: number; close(): Promise<void> }> {
  const serving = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    let asked = "";
    socket.on("error", () => {});
    socket.on("data", chunk => {
      asked += chunk;
      if (asked === "reset") setTimeout(() => socket.resetAndDestroy(), 20);
    });
    socket.on("end", () => socket.end(`${asked} ${"y".repeat(200_000)}`));
  });
  await new Promise<void>(resolve => serving.listen(0, "127.0.0.1", resolve));
  return { port: (serving.address() as { port: number }).port, close: () => new Promise(resolve => serving.close(() => resolve())) };
}
const nothing: Client = async () => "";
dialling("the guest connects, waiting and not; asks, and is broken off", async () => {
  const { port, close } = await server();
  const native = await natively("dial", nothing, port);
  const ours = await here("dial", nothing, port, { network: "host" });
  await close();
  assert.is(ours.guest, native.guest);
  assert.match(native.guest, /read 200009, then fine/);
  replayed(ours.session);
});
dialling("where nobody listens, it is refused", async () => {
  const port = await freePort();
  const native = await natively("refused", nothing, port);
  const ours = await here("refused", nothing, port, { network: "host" });
  assert.is(ours.guest, native.guest);
  replayed(ours.session);
  // Without --net host there is no outside: the same, and nothing asked.
  const alone = await here("refused", nothing, port);
  assert.is(alone.guest, native.guest);
  assert.not.ok([...Array(alone.session.length).keys()].some(seq => alone.session.event(seq)?.kind === "input"));
});
dialling("beyond the loopback nothing can be reached", async () => {
  const { guest } = await here("unreachable", nothing, 80, { network: "host" });
  assert.is(guest, "connect ENETUNREACH\n");
});
dialling("who listens in the guest comes before the host", async () => {
  const { port, close } = await server();
  const { guest, session } = await here("own", nothing, port, { network: "host" });
  await close();
  assert.is(guest, "ready\nconnect fine\nread 3\n");
  replayed(session);
});
dialling.run();
