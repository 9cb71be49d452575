// The service for files: its calls, gathered from the files that serve them by subject.
import type { Calls } from "../service.ts";
import { aioCalls } from "./vfs-aio.ts";
import { attributeCalls } from "./vfs-attributes.ts";
import { descriptorCalls } from "./vfs-descriptors.ts";
import { directoryCalls } from "./vfs-directories.ts";
import { extendedAttributeCalls } from "./vfs-extended-attributes.ts";
import { handleCalls } from "./vfs-handles.ts";
import { landlockCalls } from "./vfs-landlock.ts";
import { lockCalls } from "./vfs-locks.ts";
import { mountObjectCalls } from "./vfs-mount-objects.ts";
import { mountCalls } from "./vfs-mounts.ts";
import { nameCalls } from "./vfs-names.ts";
import { openingCalls } from "./vfs-opening.ts";
import { pivotCalls } from "./vfs-pivot.ts";
import { spliceCalls } from "./vfs-splice.ts";
import { statusCalls } from "./vfs-status.ts";
import { swapCalls } from "./vfs-swap.ts";
import { transferCalls } from "./vfs-transfer.ts";

export const vfsCalls: Calls<"vfs"> = {
  ...attributeCalls,
  ...descriptorCalls,
  ...directoryCalls,
  ...extendedAttributeCalls,
  ...landlockCalls,
  ...lockCalls,
  ...mountCalls,
  ...nameCalls,
  ...openingCalls,
  ...statusCalls,
  ...transferCalls,
  ...spliceCalls,
  ...aioCalls,
  ...handleCalls,
  ...mountObjectCalls,
  ...pivotCalls,
  ...swapCalls,
};
