// The whole screen: panes in columns, the timeline bar, the status line, the prompt. Draws a view model; knows nothing else.
import { Box } from "ink";
import type { ReactElement } from "react";
import type { View } from "../model/view.ts";
import { PaneView } from "./pane-view.tsx";
import { StyledLine } from "./styled-line.tsx";

function PromptView({ prompt, columns }: { readonly prompt: View["prompt"]; readonly columns: number }): ReactElement {
  const { label, text, cursor, isFocused } = prompt;
  const room = Math.max(1, columns - label.length - 1);
  const start = Math.max(0, cursor - room + 1);
  const [before, at, after] = [text.slice(start, cursor), text.slice(cursor, cursor + 1) || " ", text.slice(cursor + 1, start + room)];
  return (
    <StyledLine
      spans={[{ text: label, isBold: true, color: "green", isDim: !isFocused }, { text: before }, { text: at, isInverse: isFocused }, { text: after }]}
    />
  );
}
export function ScreenView({ view }: { readonly view: View }): ReactElement {
  const lefts = [...new Set(view.panes.map(({ left }) => left))];
  return (
    <Box flexDirection="column" width={view.columns} height={view.rows} overflow="hidden">
      <Box flexGrow={1} columnGap={1}>
        {lefts.map(left => (
          <Box key={left} flexDirection="column" flexShrink={0}>
            {view.panes
              .filter(pane => pane.left === left)
              .map(pane => (
                <PaneView key={pane.pane} pane={pane} />
              ))}
          </Box>
        ))}
      </Box>
      {view.bar.map((spans, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a line's place is its identity
        <StyledLine key={i} spans={spans} />
      ))}
      <StyledLine spans={view.status} />
      <PromptView prompt={view.prompt} columns={view.columns} />
    </Box>
  );
}
