// NETLINK_SOCK_DIAG (sock_diag(7)): what ss(8) asks for. The families' own answers are internet-diagnosis.ts and unix-diagnosis.ts.
import type { Draft } from "immer";
import { families } from "../../abi/constants/sockets.ts";
import type { Kernel } from "../kernel.ts";
import type { Socket } from "../state/net.ts";
import { SOCK_DIAG_BY_FAMILY } from "./diagnosed-sockets.ts";
import { answerInternet } from "./internet-diagnosis.ts";
import type { Reply, Request } from "./netlink-messages.ts";
import { answerUnix } from "./unix-diagnosis.ts";

const SOCK_DESTROY = 21;
/** Of struct sock_diag_req. */
const LEAST = 2;
const MOST_FAMILY = 46;
type Answering = (kernel: Kernel, request: Request, asker: Draft<Socket>) => Reply;
const ANSWERS: Readonly<Record<number, Answering>> = {
  [families.AF_INET]: answerInternet,
  [families.AF_INET6]: answerInternet,
  [families.AF_UNIX]: answerUnix,
};

/** Sockets are not ended by request: as in a kernel without CONFIG_INET_DIAG_DESTROY. */
export function answerDiagnosis(kernel: Kernel, request: Request, asker: Draft<Socket>): Reply {
  const { type, body } = request;
  if ((type !== SOCK_DIAG_BY_FAMILY && type !== SOCK_DESTROY) || body.length < LEAST || body[0]! >= MOST_FAMILY) return { errno: "EINVAL" };
  const answer = ANSWERS[body[0]!];
  if (!answer) return { errno: "ENOENT" };
  return type === SOCK_DESTROY ? { errno: "EOPNOTSUPP" } : answer(kernel, request, asker);
}
