// open(2)'s mode, which counts only where a file may be made, and the descriptor flags of pipe2, dup3 and their like.
import { type Arg, flags, Mode } from "../argument.ts";
import { O_CREAT, O_TMPFILE, openFlags } from "../constants/open-flags.ts";
import { int32 } from "../memory-view.ts";

export const OpenFlags = flags(openFlags, "O_RDONLY");
/** An access mode is always shown, O_RDONLY too. */
export const FullOpenFlags: Arg<number> = {
  ...OpenFlags,
  format: (raw, view) =>
    int32(raw) & 3 ? OpenFlags.format(raw, view) : ["O_RDONLY", DescriptorFlags.format(raw, view)].filter(word => word !== "0").join("|"),
};
export const DescriptorFlags = flags(openFlags);
const makes = (value: number): boolean => (value & O_CREAT) !== 0 || (value & O_TMPFILE) === O_TMPFILE;
export const OpenMode: Arg<number> = { ...Mode, format: (raw, view) => (makes(int32(view.raws.flags!)) ? Mode.format(raw, view) : "") };
