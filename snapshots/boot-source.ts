// From what a program or a test wants to run to all that a boot needs: the parameters that nobody set have their usual values.
import type { Mount } from "../engine/boot.ts";
import type { Image } from "../engine/loader/image.ts";
import type { BootSource } from "../engine/machine-boot.ts";
import type { BootParameters, CpuLevel } from "../events/kernel-event.ts";

export interface GuestRequest {
  readonly image: Image;
  /** The program's arguments, its own name first. */
  readonly argv: readonly string[];
  /** Its path in the guest, where that is not `argv[0]`. */
  readonly program?: string;
  readonly mounts?: readonly Mount[];
  /** `NAME=VALUE`; without it the image's. */
  readonly environment?: readonly string[];
  readonly workingDirectory?: string;
  readonly user?: BootParameters["user"];
  readonly standard?: BootParameters["standard"];
  readonly terminal?: BootParameters["terminal"];
  readonly hostname?: string;
  readonly epochSeconds?: number;
  readonly seed?: number;
  readonly chaos?: number;
  readonly cpu?: CpuLevel;
  /** Most memory for guest pages. */
  readonly memoryBytes?: number;
  /** Instructions of a turn, where others wait for theirs. */
  readonly quantumTicks?: number;
  readonly network?: BootParameters["network"];
}
/** 2024-01-01T00:00:00Z: fixed, so that two runs are the same. */
export const DEFAULT_EPOCH = 1_704_067_200;
export const DEFAULT_MEMORY_BYTES = 2 ** 31;
export const DEFAULT_QUANTUM_TICKS = 1_000_000;
export const DEFAULT_HOSTNAME = "chronix";

export function bootSource(request: GuestRequest): BootSource {
  const { image, argv, mounts = [] } = request;
  const { config } = image;
  const parameters: BootParameters = {
    imageName: image.name,
    imageDigest: image.digest,
    mounts: mounts.map(({ path, digest, isReadOnly }) => ({ path, digest, isReadOnly })),
    program: request.program ?? argv[0] ?? "",
    argv,
    environment: request.environment ?? Object.entries(config.environment).map(([name, value]) => `${name}=${value}`),
    workingDirectory: request.workingDirectory ?? config.workingDirectory,
    user: request.user ?? config.user,
    standard: request.standard ?? ["pipe", "pipe", "pipe"],
    terminal: request.terminal ?? { columns: 80, rows: 24 },
    hostname: request.hostname ?? DEFAULT_HOSTNAME,
    epochSeconds: request.epochSeconds ?? DEFAULT_EPOCH,
    seed: request.seed ?? 1,
    ...(request.chaos === undefined ? {} : { chaos: request.chaos }),
    ...(request.cpu === undefined ? {} : { cpu: request.cpu }),
    memoryBytes: request.memoryBytes ?? DEFAULT_MEMORY_BYTES,
    quantumTicks: request.quantumTicks ?? DEFAULT_QUANTUM_TICKS,
    ...(request.network === undefined ? {} : { network: request.network }),
    memoryFiles: "live",
  };
  return { image, mounts, parameters };
}
