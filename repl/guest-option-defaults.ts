// The guest's options as they were parsed, and what they are by themselves. What they mean is in guest-options.ts.
import { DEFAULT_LEVEL } from "../engine/abi/constants/processor-features.ts";

export interface GuestOptions {
  readonly image?: string;
  readonly mount: readonly string[];
  readonly memory: string;
  readonly seed: string;
  readonly chaos?: string;
  readonly cpu: string;
  readonly env: readonly string[];
  readonly cwd?: string;
  readonly user?: string;
  readonly hostname: string;
  readonly epoch: string;
  readonly inject: readonly string[];
  readonly tier?: string;
  readonly publish: readonly string[];
  readonly net: string;
  /** Of `run` alone. */
  readonly stats?: boolean;
}
/** 2024-01-01T00:00:00Z: fixed, so that two runs are the same. */
const DEFAULT_EPOCH = 1_704_067_200;
export const defaultGuestOptions: GuestOptions = {
  mount: [],
  memory: "2G",
  seed: "1",
  cpu: DEFAULT_LEVEL,
  env: [],
  hostname: "chronix",
  epoch: String(DEFAULT_EPOCH),
  inject: [],
  publish: [],
  net: "none",
};
