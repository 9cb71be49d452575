// A machine's links on this host: listeners on the host's loopback whose clients come in, and connections that the guest dials. What happens here becomes inputs, in the order in
// which it happened; the machine is given them between two of its runs (`deliver`).
import { connect, createServer, type Server, type Socket } from "node:net";
import type { LinkAct } from "../../engine/world.ts";
import type { Input } from "../../events/kernel-event.ts";
import { UserMistake } from "../../guest-images/user-mistake.ts";
import { HostLink, type LinkInput } from "./host-link.ts";
import { refusal } from "./refusal.ts";

/** A port of the guest's, reachable at one of the host's. */
export interface Publication {
  /** A loopback address of the host. */
  readonly address: string;
  /** 0: one that is free. */
  readonly hostPort: number;
  readonly guestPort: number;
}
export interface HostNetworkOptions {
  readonly publish?: readonly Publication[];
  /** The number of the first client's link: above those that the machine has already, where it is one that goes on (a fork). */
  readonly firstLink?: number;
}
/** What takes inputs: a machine, or a session at its end. */
export interface Receiver {
  input(input: Input): void;
}
/** How long what the guest has sent may take to reach a client after the guest's end. */
const FAREWELL_MILLISECONDS = 2000;

export class HostNetwork {
  /** Told when something has come; also while the machine runs. */
  onArrival: () => void = () => {};
  readonly #publish: readonly Publication[];
  readonly #servers: Server[] = [];
  readonly #links = new Map<number, HostLink>();
  /** Links that the guest has let go of and that still have bytes to deliver. */
  readonly #leaving = new Set<HostLink>();
  readonly #arrived: Input[] = [];
  #lastIncoming: number;
  #isClosed = false;

  constructor({ publish = [], firstLink = 1 }: HostNetworkOptions = {}) {
    this.#publish = publish;
    this.#lastIncoming = firstLink - 1;
  }
  /** Listens at all ports, or throws one sentence. Answers where: a port that was 0 is the one that was free. */
  async listen(): Promise<readonly Publication[]> {
    const made: Publication[] = [];
    try {
      for (const one of this.#publish) made.push({ ...one, hostPort: await this.#serve(one) });
    } catch (error) {
      await this.close();
      throw error;
    }
    return made;
  }
  /** Somebody outside may still want something of the machine, or it of them: who sleeps must not be hurried, and is not dead. */
  get isOpen(): boolean {
    return this.#servers.length > 0 || this.#links.size > 0;
  }
  get hasArrivals(): boolean {
    return this.#arrived.length > 0;
  }
  /** For the machine's world. */
  readonly act = (link: number, act: LinkAct): void => {
    if (act.kind === "dial") {
      const socket = connect({ host: act.host, port: act.port, allowHalfOpen: true, noDelay: true });
      this.#links.set(link, new HostLink(link, socket, input => this.#arrive(input)));
      return;
    }
    this.#links.get(link)?.act(act);
    if (act.kind === "close" || act.kind === "reset") this.#letGo(link);
  };
  /** Gives the machine what has come. */
  deliver(to: Receiver): void {
    for (let input = this.#arrived.shift(); input; input = this.#arrived.shift()) to.input(input);
  }
  /** The machine is no more: nobody listens, who is still connected is reset, and what is on its way out is given a little time. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#arrived.length = 0;
    for (const server of this.#servers.splice(0)) server.close();
    for (const link of [...this.#links.keys()]) {
      this.#links.get(link)!.act({ kind: "reset" });
      this.#letGo(link);
    }
    const gone = Promise.all([...this.#leaving].map(link => link.gone));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      gone,
      new Promise(resolve => {
        timer = setTimeout(resolve, FAREWELL_MILLISECONDS);
      }),
    ]);
    clearTimeout(timer);
    for (const link of this.#leaving) link.destroy();
  }

  #serve({ address, hostPort, guestPort }: Publication): Promise<number> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, client => this.#comeIn(client, guestPort));
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(new UserMistake(refusal(address, hostPort, error))));
      server.listen({ host: address, port: hostPort, exclusive: true }, () => {
        this.#servers.push(server);
        // A client that is gone before it was taken in is no fault of the machine's.
        server.removeAllListeners("error").on("error", () => {});
        resolve((server.address() as { port: number }).port);
      });
    });
  }
  #comeIn(client: Socket, port: number): void {
    if (this.#isClosed) {
      client.resetAndDestroy();
      return;
    }
    const link = ++this.#lastIncoming;
    this.#links.set(link, new HostLink(link, client, input => this.#arrive(input)));
    this.#arrive({ source: "incoming", link, port });
  }
  #arrive(input: LinkInput): void {
    if (this.#isClosed || !this.#links.has(input.link)) return;
    this.#arrived.push(input);
    if (input.source === "reset" || input.source === "refused") this.#letGo(input.link);
    this.onArrival();
  }
  #letGo(link: number): void {
    const left = this.#links.get(link);
    this.#links.delete(link);
    if (!left) return;
    this.#leaving.add(left);
    void left.gone.then(() => this.#leaving.delete(left));
  }
}
