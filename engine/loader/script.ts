// The first line of a script: which interpreter reads it, with at most one argument (execve(2), "Interpreter scripts").

/** Linux looks at no more of a file (BINPRM_BUF_SIZE). */
export const SCRIPT_LINE_BYTES = 256;

export interface Interpreter {
  readonly path: string;
  readonly argument: string | null;
}
/** `null`: not a script; the path is never empty. `head` is the file's first bytes. */
export function parseScript(head: string): Interpreter | null {
  if (!head.startsWith("#!")) return null;
  const line = /^[^\n]*/.exec(head.slice(2, SCRIPT_LINE_BYTES))![0];
  const isCut = 2 + line.length >= SCRIPT_LINE_BYTES;
  const words = /^[ \t]*([^ \t\0]*)(?:[ \t]+([^\0]*))?/.exec(line)!;
  const [, path = "", rest = ""] = words;
  // A name that may go on beyond what is read is not guessed at; an argument is simply cut (load_script in fs/binfmt_script.c).
  if (path === "" || (isCut && words[2] === undefined && !line.includes("\0"))) return null;
  const argument = rest.replace(/[ \t]+$/, "");
  return { path, argument: argument === "" ? null : argument };
}
