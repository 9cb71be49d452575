// The thread that compiles regions (see region-thread.ts).
import { type MessagePort, workerData } from "node:worker_threads";
import { deliver, type RegionDelivery, type RegionOrder } from "../engine/cpu/region/assembly.ts";
import { practise } from "../engine/cpu/region/practice.ts";

const port = workerData as MessagePort;
function answer(order: RegionOrder): RegionDelivery {
  try {
    return deliver(order);
  } catch (error) {
    return { number: order.number, failure: (error as Error).stack ?? String(error) };
  }
}
port.on("message", (order: RegionOrder) => port.postMessage(answer(order)));
practise();
