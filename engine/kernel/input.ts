// What comes from outside, given to the object it is meant for.
import type { Input } from "../../events/kernel-event.ts";
import type { Kernel } from "./kernel.ts";
import { feedInput } from "./kinds/world-input.ts";
import { closeOutput } from "./kinds/world-output.ts";
import { feedLink, resetLink, takeDialled, takeIncoming, takeRefused, takeRoom } from "./objects/links.ts";
import { kernelSignal, postToProcess } from "./objects/signals.ts";
import { FIRST_PROCESS } from "./objects/tasks.ts";
import { feedTerminal, hangUp, resizeTerminal } from "./objects/terminals.ts";

/** The terminal that the world sees. */
export const WORLD_TERMINAL = 0;

const takers: { readonly [S in Input["source"]]: (kernel: Kernel, input: Extract<Input, { source: S }>) => void } = {
  terminal: (kernel, { bytes }) => feedTerminal(kernel, WORLD_TERMINAL, bytes),
  hangup: kernel => hangUp(kernel, WORLD_TERMINAL),
  size: (kernel, { columns, rows }) => resizeTerminal(kernel, WORLD_TERMINAL, columns, rows),
  stdin: (kernel, { bytes }) => feedInput(kernel, bytes),
  closed: (kernel, { to }) => closeOutput(kernel, to),
  incoming: (kernel, { link, port }) => takeIncoming(kernel, link, port),
  dialled: (kernel, { link }) => takeDialled(kernel, link),
  refused: (kernel, { link, errno }) => takeRefused(kernel, link, errno),
  link: (kernel, { link, bytes }) => feedLink(kernel, link, bytes),
  reset: (kernel, { link }) => resetLink(kernel, link),
  taken: (kernel, { link, count }) => takeRoom(kernel, link, count),
  signal: (kernel, { signal }) => postToProcess(kernel, FIRST_PROCESS, kernelSignal(signal)),
};
export const takeInput = (kernel: Kernel, input: Input): void => (takers[input.source] as (kernel: Kernel, input: Input) => void)(kernel, input);
