// In which state of the protocol a socket is shown to be (include/net/tcp_states.h; RFC 9293, 3.3.2).
import type { Socket } from "../state/net.ts";

export const tcpStates = { ESTABLISHED: 1, SYN_SENT: 2, FIN_WAIT2: 5, CLOSE: 7, CLOSE_WAIT: 8, LISTEN: 10 } as const;
/** An end that has been sent is confirmed at once, and who has both sent and received one is done. */
export function tcpStateOf({ state, hasEnded, isWriteShut }: Pick<Socket, "state" | "hasEnded" | "isWriteShut">): number {
  if (state === "listening") return tcpStates.LISTEN;
  if (state === "connecting") return tcpStates.SYN_SENT;
  if (state !== "connected") return tcpStates.CLOSE;
  if (hasEnded) return isWriteShut ? tcpStates.CLOSE : tcpStates.CLOSE_WAIT;
  return isWriteShut ? tcpStates.FIN_WAIT2 : tcpStates.ESTABLISHED;
}
