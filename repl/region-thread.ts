// Has regions compiled by a thread of its own, which begins when orders are near: a short run needs none. It finishes with the process, whatever it is at.
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RegionDelivery, RegionMaker, RegionOrder } from "../engine/cpu/region/assembly.ts";

/** As the build leaves it; without a build execution waits for each region. */
const FILE = join(import.meta.dirname, "region-worker.cjs");

class RegionThread implements RegionMaker {
  #port: import("node:worker_threads").MessagePort | undefined;

  prepare(): void {
    if (this.#port) return;
    const { MessageChannel, Worker } = process.getBuiltinModule("node:worker_threads");
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(FILE, { workerData: port2, transferList: [port2], execArgv: [] });
    worker.unref();
    port1.unref();
    this.#port = port1;
  }
  order(order: RegionOrder): void {
    this.prepare();
    this.#port!.postMessage(order);
  }
  take(): RegionDelivery | undefined {
    return this.#port && process.getBuiltinModule("node:worker_threads").receiveMessageOnPort(this.#port)?.message;
  }
}
export const inThread: { readonly regionMaker?: () => RegionMaker } = existsSync(FILE) ? { regionMaker: () => new RegionThread() } : {};
