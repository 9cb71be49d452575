// Memory: mappings, their protection, the heap, locks. Handled by engine/kernel/services/vmm.ts.
import { Address, Fd, flags, Int, oneOf, Size, Uint } from "../argument.ts";
import { FileOffset, MapFlags, NewAddress, Protection, residency } from "../arguments/mapping.ts";
import { advices } from "../constants/advice.ts";
import { lockAllFlags, lockFlags, remapFlags, syncFlags } from "../constants/mmap.ts";
import { row } from "../row.ts";

const memory = { classes: ["memory"] };
const address = { ...memory, returns: "address" } as const;

export const memoryRows = {
  mmap: row(
    9,
    "vmm",
    { addr: Address, length: Size, prot: Protection, flags: MapFlags, fd: Fd, offset: FileOffset },
    { classes: ["desc", "memory"], returns: "address", missing: "huge pages, and mappings of devices other than /dev/zero" },
  ),
  mprotect: row(10, "vmm", { addr: Address, length: Size, prot: Protection }, { ...memory, missing: "a range with a hole changes nothing before it" }),
  munmap: row(11, "vmm", { addr: Address, length: Size }, memory),
  brk: row(12, "vmm", { addr: Address }, address),
  mremap: row(25, "vmm", { old_address: Address, old_size: Size, new_size: Size, flags: flags(remapFlags), new_address: NewAddress }, address),
  msync: row(26, "vmm", { addr: Address, length: Size, flags: flags(syncFlags) }, memory),
  mincore: row(27, "vmm", { addr: Address, length: Size, vec: residency("length") }, { ...memory, missing: "every mapped page counts as resident" }),
  madvise: row(
    28,
    "vmm",
    { addr: Address, length: Size, advice: oneOf(advices, "MADV_???") },
    { ...memory, missing: "MADV_REMOVE on shared memory; a range with a hole changes nothing" },
  ),
  mlock: row(149, "vmm", { addr: Address, length: Size }, memory),
  munlock: row(150, "vmm", { addr: Address, length: Size }, memory),
  mlockall: row(151, "vmm", { flags: flags(lockAllFlags) }, memory),
  munlockall: row(152, "vmm", {}, memory),
  mlock2: row(325, "vmm", { addr: Address, length: Size, flags: flags(lockFlags) }, memory),
  pkey_mprotect: row(329, "vmm", { addr: Address, length: Size, prot: Protection, pkey: Int }, memory),
  pkey_alloc: row(330, "vmm", { flags: Uint, access_rights: Uint }),
  pkey_free: row(331, "vmm", { pkey: Int }),
};
