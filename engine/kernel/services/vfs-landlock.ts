// landlock_create_ruleset, landlock_add_rule, landlock_restrict_self (landlock(7)), with the order of errors of security/landlock/syscalls.c.
import type { Draft } from "immer";
import { ALL_LANDLOCK_ACCESS, LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_VERSION, landlockRuleTypes } from "../../abi/constants/landlock.ts";
import { O_CLOEXEC, O_RDWR } from "../../abi/constants/open-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Kernel } from "../kernel.ts";
import { openAnonymous } from "../objects/anonymous-files.ts";
import { can } from "../objects/credentials.ts";
import { inodeOf } from "../objects/inodes.ts";
import { FILE_ACCESS, isBeyond } from "../objects/landlock.ts";
import { createRuleset, hasRoomForRules, layersOf, placeKey, restrict, rulesetOf } from "../objects/landlock-domains.ts";
import { isDirectory, placeOfOpenFile } from "../objects/locations.ts";
import { anyOpenFileOf, openFileOf } from "../objects/open-files.ts";
import { plainCredentials } from "../objects/paths.ts";
import { taskOf } from "../objects/tasks.ts";
import { type Calls, done, fail, OK } from "../service.ts";
import type { LandlockRules } from "../state/landlock.ts";
import type { Task } from "../state/proc-table.ts";
import type { Location } from "../state/vfs.ts";

const PAGE = 4096;
/** LANDLOCK_MAX_NUM_LAYERS. */
const MOST_LAYERS = 16;
function rulesetAt(kernel: Kernel, task: Draft<Task>, fd: number): Draft<LandlockRules> | Errno {
  const open = openFileOf(kernel, task, fd);
  if (!open) return "EBADF";
  return open.kind === "landlock" ? rulesetOf(kernel, open.object) : "EBADFD";
}
/** Where a rule may be: in what can be mounted, and is no ruleset itself. */
function placeAt(kernel: Kernel, task: Draft<Task>, fd: number): Location | Errno {
  const open = anyOpenFileOf(kernel, task, fd);
  if (!open) return "EBADF";
  const place = placeOfOpenFile(kernel, open);
  return isBeyond(kernel, place) ? "EBADFD" : place;
}

export const landlockCalls: Pick<Calls<"vfs">, "landlock_create_ruleset" | "landlock_add_rule" | "landlock_restrict_self"> = {
  landlock_create_ruleset(kernel, call) {
    const { attr, size, flags } = call.args;
    if (flags !== 0) return flags === LANDLOCK_CREATE_RULESET_VERSION && attr === null && size === 0 ? done(LANDLOCK_VERSION, {}) : fail("EINVAL");
    if (attr === null) return fail("EFAULT");
    if (attr === undefined) return fail(size > PAGE ? "E2BIG" : "EINVAL");
    if (attr.hasUnknown) return fail("E2BIG");
    if ((attr.handled & ~BigInt(ALL_LANDLOCK_ACCESS)) !== 0n) return fail("EINVAL");
    if (attr.handled === 0n) return fail("ENOMSG");
    const handled = Number(attr.handled);
    return openAnonymous(kernel, taskOf(kernel, call.tid), "landlock", O_RDWR | O_CLOEXEC, () => createRuleset(kernel, handled));
  },
  landlock_add_rule(kernel, call) {
    const { ruleset_fd, rule_type, flags } = call.args;
    if (flags !== 0) return fail("EINVAL");
    const task = taskOf(kernel, call.tid);
    const ruleset = rulesetAt(kernel, task, ruleset_fd);
    if (typeof ruleset === "string") return fail(ruleset);
    if (rule_type !== landlockRuleTypes.LANDLOCK_RULE_PATH_BENEATH) return fail("EINVAL");
    const { allowed, parentFd } = call.args.rule_attr;
    if (allowed === 0n) return fail("ENOMSG");
    if ((allowed & ~BigInt(ruleset.handled)) !== 0n) return fail("EINVAL");
    const place = placeAt(kernel, task, parentFd);
    if (typeof place === "string") return fail(place);
    const rights = Number(allowed);
    const isFile = !("inode" in place ? inodeOf(kernel, place.inode).kind === "directory" : isDirectory(kernel, task, place));
    if (isFile && (rights & ~FILE_ACCESS) !== 0) return fail("EINVAL");
    const key = placeKey(place);
    if (!ruleset.rules.has(key) && !hasRoomForRules(kernel, 1)) return fail("ENOMEM");
    ruleset.rules.set(key, (ruleset.rules.get(key) ?? 0) | rights);
    return OK;
  },
  landlock_restrict_self(kernel, call) {
    const { ruleset_fd, flags } = call.args;
    const task = taskOf(kernel, call.tid);
    if (!task.hasNoNewPrivileges && !can(plainCredentials(kernel, task), "CAP_SYS_ADMIN")) return fail("EPERM");
    if (flags !== 0) return fail("EINVAL");
    const ruleset = rulesetAt(kernel, task, ruleset_fd);
    if (typeof ruleset === "string") return fail(ruleset);
    if (layersOf(kernel, task).length >= MOST_LAYERS) return fail("E2BIG");
    if (!hasRoomForRules(kernel, ruleset.rules.size)) return fail("ENOMEM");
    restrict(kernel, task, ruleset);
    return OK;
  },
};
