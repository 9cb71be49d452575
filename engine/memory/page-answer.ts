// What the kernel's map of a space says about a page, asked when the page is first touched or its permissions have changed.

export type Access = "read" | "write" | "execute";
/** `any`: what the page is and what its permissions are, whatever these permit. */
export type AskedAccess = Access | "any";

interface Permissions {
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly isExecutable: boolean;
}
/** `bytes` is at most a page, and an immutable value: its identity is the page-cache key, so that all who map it share one frame. */
export type PageAnswer =
  | ({ readonly kind: "zero" | "bytes"; readonly bytes?: Uint8Array } & Permissions)
  /** MAP_SHARED: the same object and index are the same frame in every space. */
  | ({ readonly kind: "shared"; readonly object: number; readonly index: number; readonly bytes?: Uint8Array } & Permissions)
  | { readonly kind: "fault"; readonly signal: "SIGSEGV" | "SIGBUS"; readonly code: number };

export type PageResolver = (space: number, page: number, access: AskedAccess) => PageAnswer;

/** Why an access cannot be. `isExhausted`: there was no frame left for the page. */
export interface PageFault {
  readonly signal: "SIGSEGV" | "SIGBUS";
  readonly code: number;
  readonly isExhausted?: true;
}
