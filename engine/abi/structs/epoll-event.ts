// struct epoll_event (epoll_ctl(2)): packed on x86-64, 12 bytes.
import { formatFlags } from "../argument.ts";
import { epollEvents } from "../constants/epoll.ts";
import type { Field } from "../field.ts";

export interface EpollEvent {
  readonly events: number;
  readonly data: bigint;
}
export const epollEvent: Field<EpollEvent> = {
  size: 12,
  alignment: 1,
  get: (view, at) => ({ events: view.getInt32(at, true), data: view.getBigUint64(at + 4, true) }),
  put(view, at, { events, data }) {
    view.setInt32(at, events, true);
    view.setBigUint64(at + 4, data, true);
  },
  format: ({ events, data }) => `{events=${formatFlags(epollEvents, events)}, data=0x${data.toString(16)}}`,
};
