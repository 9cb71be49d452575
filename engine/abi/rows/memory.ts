// Memory: mappings, their protection, the heap, locks. Handled by engine/kernel/services/vmm.ts.
import { Address, type Arg, Fd, flags, formatFlags, Int, oneOf, outArray, outBytes, outStruct, Pid, Size, Uint, variant } from "../argument.ts";
import { FileOffset, MapFlags, NewAddress, Protection } from "../arguments/mapping.ts";
import { nodeMask, outNodeMask } from "../arguments/node-mask.ts";
import { askedPages, inVector, optionalNumbers, residency } from "../arguments/other-memory.ts";
import { advices } from "../constants/advice.ts";
import { moveFlags, policyFlags, policyModes, policyQuestions } from "../constants/memory-policies.ts";
import { lockAllFlags, lockFlags, remapFlags, syncFlags } from "../constants/mmap.ts";
import { i32, u32 } from "../field.ts";
import { type Bytes, uint64 } from "../memory-view.ts";
import { row } from "../row.ts";

const memory = { classes: ["memory"] };
const address = { ...memory, returns: "address" } as const;

/** A mode, and what is said about its nodes. */
const Policy: Arg<number> = {
  ...Uint,
  format(raw) {
    const value = Number(raw);
    const flagBits = Object.values(policyFlags).reduce((all, one) => all | one, 0);
    const name = Object.entries(policyModes).find(([, mode]) => mode === (value & ~flagBits))?.[0] ?? `0x${(value & ~flagBits).toString(16)} /* MPOL_??? */`;
    return (value & flagBits) === 0 ? name : `${name}|${formatFlags(policyFlags, value & flagBits)}`;
  },
};

const USER_DESC = 16;
/** struct user_desc; `null` where the length is another. */
const inDescriptor: Arg<Bytes | null> = {
  label: "in user_desc",
  decode: (raw, memory, raws) => (uint64(raws.bytecount!) === USER_DESC ? memory.read(uint64(raw), USER_DESC) : null),
  format: Address.format,
};
const descriptorTable = {
  read: { code: 0, arg: outBytes("bytecount") },
  writeOld: { code: 1, arg: inDescriptor },
  readDefault: { code: 2, arg: outBytes("bytecount") },
  write: { code: 0x11, arg: inDescriptor },
};
export const memoryRows = {
  mmap: row(
    9,
    "vmm",
    { addr: Address, length: Size, prot: Protection, flags: MapFlags, fd: Fd, offset: FileOffset },
    { classes: ["desc", "memory"], returns: "address", missing: "huge pages, and mappings of devices other than /dev/zero" },
  ),
  mprotect: row(10, "vmm", { addr: Address, length: Size, prot: Protection }, memory),
  munmap: row(11, "vmm", { addr: Address, length: Size }, memory),
  brk: row(12, "vmm", { addr: Address }, address),
  mremap: row(25, "vmm", { old_address: Address, old_size: Size, new_size: Size, flags: flags(remapFlags), new_address: NewAddress }, address),
  msync: row(26, "vmm", { addr: Address, length: Size, flags: flags(syncFlags) }, memory),
  mincore: row(27, "vmm", { addr: Address, length: Size, vec: residency("addr", "length") }, { ...memory, missing: "every page of a file counts as resident" }),
  madvise: row(28, "vmm", { addr: Address, length: Size, advice: oneOf(advices, "MADV_???") }, memory),
  mlock: row(149, "vmm", { addr: Address, length: Size }, memory),
  munlock: row(150, "vmm", { addr: Address, length: Size }, memory),
  mlockall: row(151, "vmm", { flags: flags(lockAllFlags) }, memory),
  munlockall: row(152, "vmm", {}, memory),
  mlock2: row(325, "vmm", { addr: Address, length: Size, flags: flags(lockFlags) }, memory),
  pkey_mprotect: row(329, "vmm", { addr: Address, length: Size, prot: Protection, pkey: Int }, memory),
  process_madvise: row(440, "vmm", { pidfd: Fd, iovec: inVector("vlen"), vlen: Size, advice: oneOf(advices, "MADV_???"), flags: Uint }, { classes: ["desc"] }),
  remap_file_pages: row(216, "vmm", { addr: Address, size: Size, prot: Size, pgoff: Size, flags: MapFlags }, memory),
  set_mempolicy: row(238, "vmm", { mode: Policy, nodemask: nodeMask("maxnode"), maxnode: Size }, memory),
  get_mempolicy: row(
    239,
    "vmm",
    { mode: outStruct(u32), nodemask: outNodeMask("maxnode"), maxnode: Size, addr: Address, flags: flags(policyQuestions) },
    memory,
  ),
  mbind: row(237, "vmm", { addr: Address, len: Size, mode: Policy, nodemask: nodeMask("maxnode"), maxnode: Size, flags: flags(moveFlags) }, memory),
  migrate_pages: row(256, "vmm", { pid: Pid, maxnode: Size, old_nodes: nodeMask("maxnode"), new_nodes: nodeMask("maxnode") }, memory),
  move_pages: row(
    279,
    "vmm",
    {
      pid: Pid,
      nr_pages: Size,
      pages: askedPages("pid", "nr_pages"),
      nodes: optionalNumbers("nr_pages"),
      status: outArray(i32, "nr_pages"),
      flags: flags(moveFlags),
    },
    memory,
  ),
  set_mempolicy_home_node: row(450, "vmm", { addr: Address, len: Size, home_node: Size, flags: Size }, memory),
  pkey_alloc: row(330, "vmm", { flags: Uint, access_rights: Uint }),
  modify_ldt: row(
    154,
    "vmm",
    { func: Int, ptr: variant("func", descriptorTable), bytecount: Size },
    { missing: "segments can be cleared, but not made (ENOMEM)" },
  ),
  pkey_free: row(331, "vmm", { pkey: Int }),
};
