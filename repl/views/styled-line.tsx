// One line of styled spans, cut where the pane ends.
import { Text } from "ink";
import type { ReactElement } from "react";
import type { Line, Span } from "../model/line.ts";

function StyledSpan({ text, color, background, isBold, isDim, isInverse, isUnderlined }: Span): ReactElement {
  return (
    <Text
      {...(color === undefined ? {} : { color })}
      {...(background === undefined ? {} : { backgroundColor: background })}
      bold={isBold ?? false}
      dimColor={isDim ?? false}
      inverse={isInverse ?? false}
      underline={isUnderlined ?? false}
    >
      {text}
    </Text>
  );
}
export function StyledLine({ spans }: { readonly spans: Line }): ReactElement {
  // An empty text has no height.
  if (spans.length === 0) return <Text> </Text>;
  return (
    <Text wrap="truncate-end">
      {spans.map((span, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: spans have no other identity
        <StyledSpan key={i} {...span} />
      ))}
    </Text>
  );
}
