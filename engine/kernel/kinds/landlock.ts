// Rulesets that are being made (landlock_create_ruleset(2)): there is nothing to read or write.
import { READABLE, WRITABLE } from "../../abi/constants/poll-events.ts";
import type { FileKind } from "../objects/file-kinds.ts";
import { dropRuleset } from "../objects/landlock-domains.ts";

export const landlock: FileKind = {
  isSeekable: false,
  read: () => ({ kind: "fail", errno: "EINVAL" }),
  write: () => ({ kind: "fail", errno: "EINVAL" }),
  poll: () => ({ mask: READABLE | WRITABLE, channels: [] }),
  close: (kernel, { object }) => dropRuleset(kernel, object),
};
