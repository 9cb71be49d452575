// What a guest image is: an immutable root file system and how to start it, as plain data. Where images come from is not said here: see guest-images/.

/**
 * Paths and link targets are binary strings (one character is one byte), absolute and normalised. The first entry is `/` itself;
 * entries are sorted by bytes, so a folder comes before what is in it.
 */
export interface ImageEntry {
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "character" | "block" | "fifo";
  /** Permission bits with set-user-id, set-group-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  /** Of a file. */
  readonly content?: Uint8Array;
  /** Of a symbolic link. */
  readonly target?: string;
  readonly device?: readonly [major: number, minor: number];
  /** Path of an earlier entry: this is another name of the same file, and has no content of its own. */
  readonly hardLinkTo?: string;
}

export interface Image {
  readonly name: string;
  /** `sha256:…` over a canonical serialisation of entries and config. */
  readonly digest: string;
  readonly entries: readonly ImageEntry[];
  readonly config: {
    readonly entrypoint: readonly string[];
    readonly environment: Readonly<Record<string, string>>;
    readonly workingDirectory: string;
    readonly user: { readonly uid: number; readonly gid: number };
  };
}
