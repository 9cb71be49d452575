// What --publish and --net ask for, as a network of this host; loaded only where they are given.
import { isIP } from "node:net";
import { UsageFailure } from "./failure.ts";
import type { GuestOptions } from "./guest-option-defaults.ts";
import { HostNetwork, type Publication } from "./network/host-network.ts";

const FORM = /^(?:(\[[^\]]*\]|[^[\]:]*):)?(\d+):(\d+)(?:\/tcp)?$/;
const isLoopback = (address: string): boolean => (isIP(address) === 4 && address.startsWith("127.")) || address === "::1";

/** `HOST:GUEST` or `HOSTADDR:HOST:GUEST`, with IPv6's address in brackets. */
export function parsePublication(text: string): Publication {
  const match = FORM.exec(text);
  if (!match) throw new UsageFailure(`--publish ${text}: write HOST:GUEST or HOSTADDR:HOST:GUEST, two TCP ports, as 8080:80 or 127.0.0.1:8080:80.`);
  const named = (match[1] ?? "localhost").replace(/^\[|\]$/g, "");
  const address = named === "localhost" ? "127.0.0.1" : named;
  if (!isLoopback(address)) throw new UsageFailure(`--publish ${text}: ${named} is no loopback address; only 127.0.0.1, its like and [::1] are served.`);
  const [hostPort, guestPort] = [Number(match[2]), Number(match[3])];
  if (hostPort > 65_535) throw new UsageFailure(`--publish ${text}: ${hostPort} is no port of this host; give one from 1 to 65535, or 0 for one that is free.`);
  if (guestPort < 1 || guestPort > 65_535) throw new UsageFailure(`--publish ${text}: ${guestPort} is no port of the guest; give one from 1 to 65535.`);
  return { address, hostPort, guestPort };
}
/** Listens. Where a port was 0, `tell` says which it is. Throws one sentence where this host does not permit it. */
export async function openNetwork({ publish }: Pick<GuestOptions, "publish">, tell: (text: string) => void): Promise<HostNetwork> {
  const wanted = publish.map(parsePublication);
  const network = new HostNetwork({ publish: wanted });
  const made = await network.listen();
  made.forEach(({ address, hostPort, guestPort }, i) => {
    if (wanted[i]!.hostPort === 0) tell(`Port ${guestPort} of the guest is published at ${address.includes(":") ? `[${address}]` : address}:${hostPort}.`);
  });
  return network;
}
