// Landlock: what a program forbids itself (landlock(7)). Handled by engine/kernel/services/vfs-landlock.ts.
import { Fd, oneOf, Size, Uint } from "../argument.ts";
import { inPathBeneath, inRulesetAttributes } from "../arguments/landlock.ts";
import { landlockRuleTypes } from "../constants/landlock.ts";
import { row } from "../row.ts";

const RuleType = oneOf(landlockRuleTypes, "LANDLOCK_RULE_???");
const desc = { classes: ["desc"] } as const;
export const landlockRows = {
  landlock_create_ruleset: row(444, "vfs", { attr: inRulesetAttributes, size: Size, flags: Uint }, { ...desc, returns: "fd" }),
  landlock_add_rule: row(445, "vfs", { ruleset_fd: Fd, rule_type: RuleType, rule_attr: inPathBeneath, flags: Uint }, desc),
  landlock_restrict_self: row(446, "vfs", { ruleset_fd: Fd, flags: Uint }, desc),
};
