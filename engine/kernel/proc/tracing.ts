// Whether the reader of a file in /proc/PID may look into that process.
import { maySee } from "../objects/tracing.ts";
import type { ProcessQuestion } from "./entry.ts";

export const mayTrace = ({ kernel, reader, process }: Pick<ProcessQuestion, "kernel" | "reader" | "process">): boolean =>
  maySee(kernel, reader.pid, process, "fs");
