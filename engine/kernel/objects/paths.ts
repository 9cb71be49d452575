// From a path to a place (path_resolution(7)): links, mounts, permissions of the directories passed, and what is wrong where it leads nowhere.
import { current, type Draft, isDraft } from "immer";
import { resolveFlags } from "../../abi/constants/resolve-flags.ts";
import type { Errno } from "../../abi/errno.ts";
import type { Bytes } from "../../abi/memory-view.ts";
import type { Kernel } from "../kernel.ts";
import type { Credentials, Task } from "../state/proc-table.ts";
import type { BinaryString, Location } from "../state/vfs.ts";
import { binary } from "./binary-string.ts";
import { mayAccess } from "./credentials.ts";
import { contextOf } from "./fs-contexts.ts";
import { inodeOf } from "./inodes.ts";
import { childOf, isSamePlace, type Node, nodeAt, parentOf, pathOf, pathOfChild, placeOfOpenFile, throughMounts } from "./locations.ts";
import { anyOpenFileOf } from "./open-files.ts";
import { procTree } from "./proc-tree.ts";
import { processOf } from "./tasks.ts";

export { pathOf } from "./locations.ts";

export const AT_FDCWD = -100;
const MAX_LINKS_FOLLOWED = 40;
const NAME_MAX = 255;
const SEARCH = 1;

export interface ResolveOptions {
  /** Whether a symbolic link as the last component is followed. */
  readonly followLast: boolean;
  /** The path names an entry to be made, removed or renamed: the last component is never followed, and a slash behind it is the caller's to judge. */
  readonly isForEntry?: boolean;
  /** A slash behind a name that may be created is EISDIR, whatever is there (fs/namei.c, open_last_lookups). */
  readonly refusesSlash?: boolean;
  /** AT_EMPTY_PATH: an empty path is `dirfd` itself. */
  readonly allowEmpty?: boolean;
  /** openat2(2)'s RESOLVE_ flags: how far the path may lead. */
  readonly confinement?: number;
  /** access(2) asks for another user than the process acts as. */
  readonly credentials?: Credentials;
}
/** What the last component was: `.` and `..` cannot be removed or renamed, `/` has no name. */
export type LastComponent = "name" | "." | ".." | "/";
export interface Found {
  readonly kind: "found";
  readonly location: Location;
  /** The directory it was found in: `null` where the path ends in `/`, `.` or `..`, or a link of /proc leads there. */
  readonly parent: Location | null;
  readonly name: BinaryString;
  readonly last: LastComponent;
  readonly hasSlash: boolean;
}
export interface Missing {
  readonly kind: "missing";
  /** The inode of the directory that has no such name. */
  readonly parent: number;
  readonly name: BinaryString;
  readonly hasSlash: boolean;
}
export interface Unresolved {
  readonly kind: "fail";
  readonly errno: Errno;
  /** The directory was reached, but the name to be looked up in it is too long: calls with two paths look at names last. */
  readonly isForName?: true;
}
export type Resolved = Found | Missing | Unresolved;
const failed = (errno: Errno): Resolved => ({ kind: "fail", errno });

/** Where the walk begins; an errno where `dirfd` is none. */
function startOf(kernel: Kernel, task: Draft<Task>, dirfd: number): Location | Errno {
  if (dirfd === AT_FDCWD) return contextOf(kernel, task).workingDirectory;
  const open = anyOpenFileOf(kernel, task, dirfd);
  if (!open) return "EBADF";
  return placeOfOpenFile(kernel, open);
}

/** `path` is a binary string; `null`: it was longer than PATH_MAX. */
export function resolve(kernel: Kernel, task: Draft<Task>, dirfd: number, path: BinaryString | null, options: ResolveOptions): Resolved {
  if (path === null) return failed("ENAMETOOLONG");
  if (path === "" && !options.allowEmpty) return failed("ENOENT");
  const { root } = contextOf(kernel, task);
  const { confinement = 0 } = options;
  const isConfined = (confinement & (resolveFlags.RESOLVE_BENEATH | resolveFlags.RESOLVE_IN_ROOT)) !== 0;
  if ((confinement & resolveFlags.RESOLVE_BENEATH) !== 0 && path.startsWith("/")) return failed("EXDEV");
  const start = path.startsWith("/") && !isConfined ? root : startOf(kernel, task, dirfd);
  if (typeof start === "string") return failed(start);
  if (isConfined) return new Walk(kernel, task, start, options).from(start, path);
  if (path === "") return { kind: "found", location: { ...start }, parent: null, name: "", last: ".", hasSlash: false };
  return new Walk(kernel, task, root, options).from(start, path);
}

/** As `resolve`, for a path as a call gives it. */
export const resolveBytes = (kernel: Kernel, task: Draft<Task>, dirfd: number, path: Bytes | null, options: ResolveOptions): Resolved =>
  resolve(kernel, task, dirfd, path && binary(path), options);

class Walk {
  readonly #kernel: Kernel;
  readonly #task: Draft<Task>;
  readonly #root: Location;
  readonly #options: ResolveOptions;
  readonly #credentials: Credentials;
  #linksFollowed = 0;

  constructor(kernel: Kernel, task: Draft<Task>, root: Location, options: ResolveOptions) {
    this.#kernel = kernel;
    this.#task = task;
    this.#root = root;
    this.#options = options;
    this.#credentials = options.credentials ?? plainCredentials(kernel, task);
  }
  from(start: Location, path: BinaryString): Resolved {
    const { followLast, isForEntry = false } = this.#options;
    let rest = componentsOf(path);
    let hasSlash = path.endsWith("/");
    // Where it has led so far: what `Found` says of it is put together at the end.
    let here = start;
    let parent: Location | null = null;
    let foundName = "";
    let last: LastComponent = "/";
    for (let at = 0; at < rest.length; at++) {
      const name = rest[at]!;
      const isLast = at === rest.length - 1;
      const refused = this.#refusal(here);
      if (refused) return failed(refused);
      if (name === ".." && this.#has(resolveFlags.RESOLVE_BENEATH) && isSamePlace(here, this.#root)) return failed("EXDEV");
      if (name === "." || name === "..") {
        if (name === "..") here = this.#above(here);
        [parent, foundName, last] = [null, "", name];
        continue;
      }
      if (isLast && hasSlash && this.#options.refusesSlash) return failed("EISDIR");
      if (name.length > NAME_MAX)
        return isRemoved(this.#kernel, here) ? failed("ENOENT") : isLast ? { kind: "fail", errno: "ENAMETOOLONG", isForName: true } : failed("ENAMETOOLONG");
      const child = childOf(this.#kernel, this.#task, here, name);
      if (!child) return isLast && "inode" in here ? { kind: "missing", parent: here.inode, name, hasSlash } : failed("ENOENT");
      const place = throughMounts(this.#kernel, child);
      if (this.#has(resolveFlags.RESOLVE_NO_XDEV) && !isSameMount(this.#kernel, here, place)) return failed("EXDEV");
      const isFollowed = !isLast || (!isForEntry && (followLast || hasSlash));
      if (!isFollowed || nodeAt(this.#kernel, this.#task, place)?.kind !== "symlink") {
        parent = here;
        here = place;
        foundName = name;
        last = "name";
        continue;
      }
      if (++this.#linksFollowed > MAX_LINKS_FOLLOWED || this.#has(resolveFlags.RESOLVE_NO_SYMLINKS)) return failed("ELOOP");
      const target = this.#follow(place);
      if ("errno" in target) return failed(target.errno);
      if ("location" in target && this.#has(resolveFlags.RESOLVE_NO_MAGICLINKS)) return failed("ELOOP");
      if ("location" in target && this.#has(resolveFlags.RESOLVE_BENEATH | resolveFlags.RESOLVE_IN_ROOT)) return failed("EXDEV");
      if ("text" in target && target.text.startsWith("/") && this.#has(resolveFlags.RESOLVE_BENEATH)) return failed("EXDEV");
      if ("location" in target) {
        here = target.location;
        [parent, foundName, last] = [null, "", "name"];
        continue;
      }
      if (isLast && target.text.endsWith("/")) hasSlash = true;
      rest = [...componentsOf(target.text), ...rest.slice(at + 1)];
      at = -1;
      if (target.text.startsWith("/")) here = this.#root;
      [parent, foundName, last] = [null, "", "/"];
    }
    if (hasSlash && !isForEntry && nodeAt(this.#kernel, this.#task, here)?.kind !== "directory") return failed("ENOTDIR");
    const location = here === this.#root || here === start ? { ...here } : here;
    return { kind: "found", location, parent, name: foundName, last, hasSlash };
  }
  /** Why nothing can be looked up there. */
  #has(flags: number): boolean {
    return ((this.#options.confinement ?? 0) & flags) !== 0;
  }
  #refusal(place: Location): Errno | null {
    const node: Node | undefined = nodeAt(this.#kernel, this.#task, place);
    if (!node) return "ENOENT";
    if (node.kind !== "directory") return "ENOTDIR";
    return mayAccess(this.#credentials, node, SEARCH) ? null : "EACCES";
  }
  #above(place: Location): Location {
    return isSamePlace(place, this.#root) ? place : parentOf(this.#kernel, place);
  }
  #follow(link: Location): { readonly text: BinaryString } | { readonly location: Location } | { readonly errno: Errno } {
    if ("inode" in link) return { text: inodeOf(this.#kernel, link.inode).target! };
    const location = procTree.follow(this.#kernel, this.#task, link.virtual);
    return location ? { location } : procTree.readlink(this.#kernel, this.#task, link.virtual);
  }
}
const isSameMount = (kernel: Kernel, a: Location, b: Location): boolean =>
  "inode" in a ? "inode" in b && inodeOf(kernel, a.inode).fileSystem === inodeOf(kernel, b.inode).fileSystem : !("inode" in b);
const isRemoved = (kernel: Kernel, place: Location): boolean => "inode" in place && inodeOf(kernel, place.inode).links === 0;
function componentsOf(path: BinaryString): readonly BinaryString[] {
  const parts: BinaryString[] = [];
  for (let at = 0, slash = 0; at < path.length; at = slash + 1) {
    slash = path.indexOf("/", at);
    if (slash === -1) slash = path.length;
    if (slash > at) parts.push(path.slice(at, slash));
  }
  return parts;
}
/** Read out of the draft once: a walk asks them at every step. */
export function plainCredentials(kernel: Kernel, task: Draft<Task>): Credentials {
  const { credentials } = processOf(kernel, task.pid);
  return isDraft(credentials) ? current(credentials) : credentials;
}

/** The absolute path by which something was found. */
export const pathOfFound = (kernel: Kernel, found: Found): BinaryString =>
  found.parent === null ? pathOfPlace(kernel, found.location) : pathOfChild(kernel, found.parent, found.name);
function pathOfPlace(kernel: Kernel, place: Location): BinaryString {
  if ("inode" in place && inodeOf(kernel, place.inode).kind !== "directory") return "";
  return pathOf(kernel, place);
}
