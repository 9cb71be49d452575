// A pane: a title line, then its lines.
import { Box } from "ink";
import type { ReactElement } from "react";
import type { ShownPane } from "../model/view.ts";
import { StyledLine } from "./styled-line.tsx";

export function PaneView({ pane }: { readonly pane: ShownPane }): ReactElement {
  const { width, height, title, key, lines, isFocused } = pane;
  const label = `─ ${key} ${title} `;
  const rule = { text: (label + "─".repeat(width)).slice(0, width), isBold: isFocused, isDim: !isFocused, ...(isFocused ? { color: "cyan" } : {}) };
  return (
    <Box flexDirection="column" width={width} height={height} overflow="hidden" flexShrink={0}>
      <StyledLine spans={[rule]} />
      {lines.slice(0, height - 1).map((spans, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line's place is its identity
        <StyledLine key={i} spans={spans} />
      ))}
    </Box>
  );
}
