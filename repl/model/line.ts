// Text as panes show it: lines of spans with a style. Plain data, so that what a pane shows can be tested without a terminal.

export interface Style {
  readonly color?: string;
  readonly background?: string;
  readonly isBold?: boolean;
  readonly isDim?: boolean;
  readonly isInverse?: boolean;
  readonly isUnderlined?: boolean;
}
export interface Span extends Style {
  readonly text: string;
}
export type Line = readonly Span[];

export const span = (text: string, style: Style = {}): Span => ({ text, ...style });
export const line = (text: string, style: Style = {}): Line => [span(text, style)];
export const dim = (text: string): Span => ({ text, isDim: true });
export const bold = (text: string): Span => ({ text, isBold: true });
export const textOf = (spans: Line): string => spans.map(({ text }) => text).join("");

/** Cuts a line to `width` columns, whatever its spans. */
export function cutLine(spans: Line, width: number): Line {
  const cut: Span[] = [];
  let left = width;
  for (const one of spans) {
    if (left <= 0) break;
    cut.push(one.text.length <= left ? one : { ...one, text: one.text.slice(0, left) });
    left -= one.text.length;
  }
  return cut;
}
/** One text as lines of at most `width` columns. */
export function wrapText(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap(paragraph => {
    const rows: string[] = [];
    for (let at = 0; at < paragraph.length || at === 0; at += width) rows.push(paragraph.slice(at, at + width));
    return rows;
  });
}
