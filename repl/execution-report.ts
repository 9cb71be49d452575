// What `run --stats` tells: how many instructions each tier retired, which regions are hot, and why compiled code was left.
import type { Machine } from "../engine/machine.ts";
import { columns } from "./table.ts";

const MOST_REGIONS = 20;
const WAYS_SHOWN = 3;

export function executionReport(machine: Machine, seconds: number): string {
  const regions = machine.regionReport();
  const compiled = regions.reduce((sum, { ticks }) => sum + ticks, 0);
  const share = (ticks: number) => `${((100 * ticks) / Math.max(1, machine.tick)).toFixed(1)}%`;
  const ways = new Map<string, number>();
  for (const { left } of regions) for (const { kind, count } of left) ways.set(kind, (ways.get(kind) ?? 0) + count);
  const hottest = regions.slice(0, MOST_REGIONS).map(({ rip, instructions, wasmBytes, entered, dispatched, ticks, left }) => ({
    region: `0x${rip.toString(16)}`,
    instructions,
    "wasm bytes": wasmBytes,
    entered,
    dispatched,
    ticks,
    share: share(ticks),
    left: left
      .slice(0, WAYS_SHOWN)
      .map(way => `${way.kind} at 0x${way.rip.toString(16)}: ${way.count}`)
      .join(", "),
  }));
  const tiers = [
    { tier: "interpreter", instructions: machine.tick - compiled, share: share(machine.tick - compiled) },
    { tier: "compiled", instructions: compiled, share: share(compiled) },
  ];
  const left = [...ways].map(([kind, count]) => `${kind} ${count}`).join(", ");
  return [
    `${(machine.tick / 1e6 / seconds).toFixed(0)} million instructions a second over ${seconds.toFixed(2)} s, start-up aside`,
    columns(tiers),
    ...(left ? [`compiled code was left for: ${left}`] : []),
    ...(hottest.length > 0 ? [columns(hottest)] : []),
  ].join("\n");
}
