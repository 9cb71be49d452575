// The machine that tests of the kernel boot, where they do not say otherwise.
import type { BootParameters } from "../../events/kernel-event.ts";

export const BOOT_PARAMETERS: BootParameters = {
  imageName: "test",
  imageDigest: "0",
  mounts: [],
  program: "/bin/sh",
  argv: ["sh"],
  environment: [],
  workingDirectory: "/",
  user: { uid: 0, gid: 0 },
  standard: ["pipe", "pipe", "pipe"],
  terminal: { columns: 80, rows: 24 },
  hostname: "chronix",
  epochSeconds: 1_700_000_000,
  seed: 1,
  memoryBytes: 1 << 28,
  quantumTicks: 100_000,
};
