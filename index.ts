// The library: boot a machine, watch its events, run until something happens, go anywhere in its past, fork it, look into its state.

export { errnoNumber, errnoText } from "./engine/abi/errno.ts";
export { syscallByNumber, syscalls } from "./engine/abi/syscalls.ts";
export type { Mount } from "./engine/boot.ts";
export * as registers from "./engine/cpu/register-file.ts";
export type { KernelState } from "./engine/kernel/state/kernel-state.ts";
export type { Image, ImageEntry } from "./engine/loader/image.ts";
export { Machine, type MachineSnapshot, type RunStop } from "./engine/machine.ts";
export { BootFailure, type BootSource, boot } from "./engine/machine-boot.ts";
export type { LinkAct, World } from "./engine/world.ts";
export type { BootParameters, Input, KernelEvent, SyscallEvent } from "./events/kernel-event.ts";
export { LogDamage } from "./events/log/damage.ts";
export type { Change } from "./events/log/header.ts";
export { LogReader } from "./events/log/reader.ts";
export { formatPosition, type Position, parsePosition } from "./events/position.ts";
export { type EventQuery, matching, where } from "./events/query.ts";
export type { SequencedEvent } from "./events/stream.ts";
export { pullBusybox } from "./guest-images/busybox.ts";
export { demoImage } from "./guest-images/demo.ts";
export { hostFolder } from "./guest-images/host-folder.ts";
export { ImageStore } from "./guest-images/image-store.ts";
export { HostNetwork, type HostNetworkOptions, type Publication } from "./repl/network/host-network.ts";
export { serve } from "./repl/network/serving.ts";
export { bootSource, type GuestRequest } from "./snapshots/boot-source.ts";
export { differences, firstDifferentEvent } from "./snapshots/difference.ts";
export { fold } from "./snapshots/folding.ts";
export { openLog } from "./snapshots/log-folder.ts";
export { DivergenceFound, Session, type SessionOptions } from "./snapshots/session.ts";
