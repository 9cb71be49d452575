// Epoll instances as files: they can be polled and watched, not read.
import { READABLE } from "../../abi/constants/poll-events.ts";
import { destroyEpoll, hasReady } from "../objects/epolls.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { pollChannel } from "../objects/watching.ts";

export const epoll: FileKind = {
  isSeekable: false,
  read: () => ({ kind: "fail", errno: "EINVAL" }),
  write: () => ({ kind: "fail", errno: "EINVAL" }),
  poll: (kernel, open, task) => ({ mask: hasReady(kernel, task, open.object) ? READABLE : 0, channels: [pollChannel(open.object)] }),
  close: (kernel, open) => destroyEpoll(kernel, open.object),
};
