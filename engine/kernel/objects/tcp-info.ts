// struct tcp_info (tcp(7), TCP_INFO; include/uapi/linux/tcp.h): the state is the socket's; the rest is what a connection over the loopback has on which nothing was ever lost.
import type { Draft } from "immer";
import type { Socket } from "../state/net.ts";
import { tcpStateOf, tcpStates } from "./tcp-states.ts";

/** As of Linux 6.1. */
const SIZE = 232;
/** Timestamps, selective acknowledgement and scaled windows. */
const OPTIONS = 7;
/** By offset: microseconds, bytes and segments, by their names in the structure. */
const COMMON: Readonly<Record<number, number>> = { 76: 0x7fff_ffff, 80: 10, 88: 3 };
const UNCONNECTED = { ...COMMON, 8: 1_000_000, 16: 536, 72: 250_000 };
const CONNECTED = { ...COMMON, 8: 200_000, 16: 32_768, 20: 536, 60: 65_535, 64: 65_495, 68: 20, 72: 10, 84: 65_483, 96: 65_495 };
const WINDOW_SCALES = 0xaa;

export function tcpInfo(socket: Draft<Socket>): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const state = tcpStateOf(socket);
  bytes[0] = state;
  const isMade = socket.state === "connected" || socket.peer !== 0;
  if (isMade) {
    bytes[5] = OPTIONS;
    bytes[6] = WINDOW_SCALES;
  }
  // Of a listener: how many wait to be accepted, and how many may.
  const fields = state === tcpStates.LISTEN ? { 24: socket.accepting.length, 28: socket.backlog, 80: 10, 88: 3 } : isMade ? CONNECTED : UNCONNECTED;
  for (const [offset, value] of Object.entries(fields)) view.setUint32(Number(offset), value, true);
  return bytes;
}
