// struct landlock_ruleset_attr, which says its own size, and struct landlock_path_beneath_attr, which is packed (landlock(7)).
import { Address, type Arg } from "../argument.ts";
import { bits64, decodeField, i32 } from "../field.ts";
import { type Bytes, type GuestReader, uint64 } from "../memory-view.ts";

const PAGE = 4096;
const RULESET = 8;
const PATH_BENEATH = 12;
export interface RulesetAttributes {
  readonly handled: bigint;
  /** Bytes of a later version are set. */
  readonly hasUnknown: boolean;
}
/** `null`: NULL; `undefined`: its size makes no sense, so that it is not read. */
export const inRulesetAttributes: Arg<RulesetAttributes | null | undefined> = {
  label: "in landlock_ruleset_attr[size]",
  decode(raw, memory, raws) {
    const size = uint64(raws.size!);
    if (uint64(raw) === 0) return null;
    if (size < RULESET || size > PAGE) return undefined;
    const bytes = memory.read(uint64(raw), size);
    return { handled: decodeField(bits64, bytes), hasUnknown: bytes.subarray(RULESET).some(byte => byte !== 0) };
  },
  format: Address.format,
};
export interface PathBeneath {
  readonly allowed: bigint;
  readonly parentFd: number;
}
const beneath = (memory: GuestReader, at: number): PathBeneath => {
  const bytes: Bytes = memory.read(at, PATH_BENEATH);
  return { allowed: decodeField(bits64, bytes), parentFd: decodeField(i32, bytes, 8) };
};
export const inPathBeneath: Arg<PathBeneath> = {
  label: "in landlock_path_beneath_attr",
  decode: (raw, memory) => beneath(memory, uint64(raw)),
  format: Address.format,
};
