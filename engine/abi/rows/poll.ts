// Calls that wait for descriptors to be ready. Handled by engine/kernel/services/poll.ts.
import { Int, inOutStruct, inStruct, Size, Uint } from "../argument.ts";
import { row } from "../row.ts";
import { fdSet, maskWithSize } from "../structs/fd-set.ts";
import { pollArray } from "../structs/pollfd.ts";
import { sigset } from "../structs/sigaction.ts";
import { timespec, timeval } from "../structs/timespec.ts";

const desc = { classes: ["desc"] } as const;
const sets = { readfds: fdSet("nfds", "in"), writefds: fdSet("nfds", "out"), exceptfds: fdSet("nfds", "except") };

export const pollRows = {
  poll: row(7, "poll", { fds: pollArray("nfds"), nfds: Uint, timeout: Int }, desc),
  select: row(23, "poll", { nfds: Int, ...sets, timeout: inOutStruct(timeval) }, desc),
  pselect6: row(270, "poll", { nfds: Int, ...sets, timeout: inOutStruct(timespec), sigmask: maskWithSize }, desc),
  ppoll: row(271, "poll", { fds: pollArray("nfds"), nfds: Uint, tmo_p: inOutStruct(timespec), sigmask: inStruct(sigset), sigsetsize: Size }, desc),
};
