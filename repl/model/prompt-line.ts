// The line being typed: text, cursor, history, completion, with the keys readline has. A value; every key answers the next one.

export interface PromptLine {
  readonly text: string;
  readonly cursor: number;
  /** Entries back in history; 0: the line itself. */
  readonly back: number;
  /** What was being typed before going back. */
  readonly draft: string;
}
export const EMPTY_LINE: PromptLine = { text: "", cursor: 0, back: 0, draft: "" };

export const typed = (line: PromptLine, input: string): PromptLine => ({
  ...line,
  text: line.text.slice(0, line.cursor) + input + line.text.slice(line.cursor),
  cursor: line.cursor + input.length,
});
export const withText = (line: PromptLine, text: string, cursor = text.length): PromptLine => ({ ...line, text, cursor });

const wordStart = (text: string, cursor: number): number => /\S*\s*$/.exec(text.slice(0, cursor))!.index;
const wordEnd = (text: string, cursor: number): number => cursor + /^\s*\S*/.exec(text.slice(cursor))![0].length;
const cut = (line: PromptLine, from: number, to: number): PromptLine => ({ ...line, text: line.text.slice(0, from) + line.text.slice(to), cursor: from });

export type EditKey =
  | "left"
  | "right"
  | "home"
  | "end"
  | "wordLeft"
  | "wordRight"
  | "backspace"
  | "delete"
  | "killWord"
  | "killLine"
  | "killToEnd"
  | "up"
  | "down";
export const edits: { readonly [K in EditKey]: (line: PromptLine, history: readonly string[]) => PromptLine } = {
  left: line => ({ ...line, cursor: Math.max(0, line.cursor - 1) }),
  right: line => ({ ...line, cursor: Math.min(line.text.length, line.cursor + 1) }),
  home: line => ({ ...line, cursor: 0 }),
  end: line => ({ ...line, cursor: line.text.length }),
  wordLeft: line => ({ ...line, cursor: wordStart(line.text, line.cursor) }),
  wordRight: line => ({ ...line, cursor: wordEnd(line.text, line.cursor) }),
  backspace: line => (line.cursor === 0 ? line : cut(line, line.cursor - 1, line.cursor)),
  delete: line => cut(line, line.cursor, line.cursor + 1),
  killWord: line => cut(line, wordStart(line.text, line.cursor), line.cursor),
  killLine: line => cut(line, 0, line.cursor),
  killToEnd: line => cut(line, line.cursor, line.text.length),
  up: (line, history) => recalled(line, history, line.back + 1),
  down: (line, history) => recalled(line, history, line.back - 1),
};
function recalled(line: PromptLine, history: readonly string[], back: number): PromptLine {
  if (back < 0 || back > history.length) return line;
  const draft = line.back === 0 ? line.text : line.draft;
  const text = back === 0 ? draft : history[history.length - back]!;
  return { text, cursor: text.length, back, draft };
}
