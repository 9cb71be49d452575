// Socket addresses as bytes and as state has them (unix(7), ip(7), ipv6(7), netlink(7)).
import { families } from "../../abi/constants/sockets.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { SocketAddress } from "../state/net.ts";
import { binary, bytesOf } from "./binary-string.ts";

export const ANY_HOST = "0".repeat(32);
const MAPPED = "00000000000000000000ffff";
export const ANY_IPV4 = `${MAPPED}00000000`;
export const LOOPBACK_IPV4 = `${MAPPED}7f000001`;
export const LOOPBACK_IPV6 = `${"0".repeat(31)}1`;
/** The number of the one interface (netdevice(7)). */
export const LOOPBACK_INDEX = 1;
export const isIpv4 = (host: string): boolean => host.startsWith(MAPPED);
export const isAny = (host: string): boolean => host === ANY_HOST || host === ANY_IPV4;
/** 127.0.0.0/8 and ::1: the machine has no other. */
export const isLoopback = (host: string): boolean => host.startsWith(`${MAPPED}7f`) || host === LOOPBACK_IPV6;

const hexOf = (bytes: Bytes): string => [...bytes].map(byte => byte.toString(16).padStart(2, "0")).join("");
const bytesOfHex = (text: string): Uint8Array => Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
/** As people write it; of IPv6's there is only one that is not IPv4's. */
export const hostText = (host: string): string => (isIpv4(host) ? bytesOfHex(host.slice(24)).join(".") : "::1");
/** Four bytes of IPv4's, sixteen of others. */
export const hostBytes = (host: string, family: number): Uint8Array => bytesOfHex(family === families.AF_INET ? host.slice(24) : host);
const FAMILY = 2;
const IPV4_SIZE = 16;
const IPV6_SIZE = 24;
const NETLINK_SIZE = 12;
export const familyOf = (bytes: Bytes): number => (bytes.length < FAMILY ? -1 : bytes[0]! | (bytes[1]! << 8));

/** An address of the family; `null` where its length does not fit, or it is of another. */
export function parseAddress(family: number, bytes: Bytes): SocketAddress | null {
  if (familyOf(bytes) !== family) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (family === families.AF_UNIX) {
    const name = binary(bytes.subarray(FAMILY));
    if (bytes.length > 110) return null;
    // A path ends at its NUL; an abstract name is all that is there.
    return { kind: "unix", path: name.startsWith("\0") ? name : name.replace(/\0.*$/s, "") };
  }
  if (family === families.AF_INET) {
    return bytes.length < IPV4_SIZE ? null : { kind: "inet", host: MAPPED + hexOf(bytes.subarray(4, 8)), port: view.getUint16(2) };
  }
  if (family === families.AF_INET6) return bytes.length < IPV6_SIZE ? null : { kind: "inet", host: hexOf(bytes.subarray(8, 24)), port: view.getUint16(2) };
  return bytes.length < NETLINK_SIZE ? null : { kind: "netlink", port: view.getUint32(4, true) };
}
/** As a socket of the family tells it. */
export function addressBytes(family: number, address: SocketAddress | null): Bytes {
  if (family === families.AF_UNIX) {
    const name = address?.kind === "unix" ? address.path : "";
    const bytes = new Uint8Array(FAMILY + name.length + (name === "" || name.startsWith("\0") ? 0 : 1));
    bytes[0] = families.AF_UNIX;
    bytes.set(bytesOf(name), FAMILY);
    return bytes;
  }
  if (family === families.AF_NETLINK) {
    const bytes = new Uint8Array(NETLINK_SIZE);
    bytes[0] = families.AF_NETLINK;
    new DataView(bytes.buffer).setUint32(4, address?.kind === "netlink" ? address.port : 0, true);
    return bytes;
  }
  const isOld = family === families.AF_INET;
  const host = address?.kind === "inet" ? address.host : ANY_HOST;
  const bytes = new Uint8Array(isOld ? 16 : 28);
  bytes[0] = family;
  new DataView(bytes.buffer).setUint16(2, address?.kind === "inet" ? address.port : 0);
  if (isOld) bytes.set(bytesOfHex(host.slice(24)), 4);
  else bytes.set(bytesOfHex(host), 8);
  return bytes;
}
