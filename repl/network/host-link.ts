// One link on this host: a TCP connection, and what the machine has been told of it. Flow control goes both ways: no more is read here than the guest reads, and the guest is told
// what the other end has taken.
import type { Socket } from "node:net";
import type { LinkAct } from "../../engine/world.ts";
import type { Input } from "../../events/kernel-event.ts";

export type LinkInput = Extract<Input, { readonly link: number }>;
/** Bytes that the guest has not read yet: with more, reading here stops. */
const MOST_UNREAD = 65_536;
/** Bytes that have left, before the machine is told: a quarter of what it lets be on its way (LINK_WINDOW). */
const WORTH_TELLING = 65_536;

export class HostLink {
  /** Nothing is left of the connection on this host. */
  readonly gone: Promise<void>;
  readonly #link: number;
  readonly #socket: Socket;
  readonly #report: (input: LinkInput) => void;
  #isConnected: boolean;
  #unread = 0;
  #untold = 0;

  /** The socket is one that came in, paused until the machine has taken it in, or one that is connecting. */
  constructor(link: number, socket: Socket, report: (input: LinkInput) => void) {
    this.#link = link;
    this.#socket = socket;
    this.#report = report;
    this.#isConnected = !socket.connecting;
    this.gone = new Promise(resolve => {
      socket.once("close", () => resolve());
    });
    socket.on("connect", () => {
      this.#isConnected = true;
      report({ source: "dialled", link });
    });
    socket.on("data", bytes => this.#receive(bytes));
    socket.on("end", () => report({ source: "link", link, bytes: null }));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      report(this.#isConnected ? { source: "reset", link } : { source: "refused", link, errno: error.code ?? "ECONNREFUSED" }),
    );
  }
  act(act: LinkAct): void {
    (this.#acts[act.kind] as (act: LinkAct) => void)(act);
  }
  destroy(): void {
    this.#socket.destroy();
  }

  readonly #acts: { readonly [K in Exclude<LinkAct["kind"], "dial">]: (act: Extract<LinkAct, { kind: K }>) => void } & { readonly dial: () => void } = {
    dial: () => {},
    open: () => {
      this.#socket.resume();
    },
    send: ({ bytes }) => {
      this.#socket.write(bytes as Uint8Array, error => {
        if (!error) this.#tellTaken(bytes.length);
      });
    },
    taken: ({ count }) => {
      this.#unread -= count;
      if (this.#unread < MOST_UNREAD) this.#socket.resume();
    },
    end: () => {
      this.#socket.end();
    },
    close: () => this.#socket.destroySoon(),
    reset: () => {
      // What was sent before has its chance, as it has left the machine already.
      if (this.#isConnected && this.#socket.writableLength > 0) this.#socket.write("", () => this.#socket.resetAndDestroy());
      else if (this.#isConnected) this.#socket.resetAndDestroy();
      else this.#socket.destroy();
    },
  };
  #receive(bytes: Buffer): void {
    this.#unread += bytes.length;
    if (this.#unread >= MOST_UNREAD) this.#socket.pause();
    this.#report({ source: "link", link: this.#link, bytes: new Uint8Array(bytes) });
  }
  #tellTaken(count: number): void {
    this.#untold += count;
    if (this.#untold < WORTH_TELLING) return;
    this.#report({ source: "taken", link: this.#link, count: this.#untold });
    this.#untold = 0;
  }
}
