// The guest's terminal.
import type { Pane } from "./pane.ts";

export const terminalPane: Pane = {
  key: "F2",
  show(bench, { height }, isFocused) {
    const { screen, guest, scroll } = bench;
    const where = guest.isAtEnd
      ? bench.isRunning
        ? bench.isWaiting
          ? ""
          : ", running"
        : guest.status === undefined
          ? ", stopped"
          : ", ended"
      : ", in the past";
    return { title: `terminal ${screen.columns}x${screen.rows}${where}`, lines: screen.lines(height, scroll.terminal, isFocused && guest.isAtEnd) };
  },
};
