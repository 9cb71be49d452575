// The running application: draws again whenever the workbench says that something changed.
import { type ReactElement, useSyncExternalStore } from "react";
import type { Prompt } from "../model/prompt.ts";
import { viewOf } from "../model/view.ts";
import { ScreenView } from "./screen-view.tsx";

export function App({ prompt }: { readonly prompt: Prompt }): ReactElement {
  const { bench } = prompt;
  useSyncExternalStore(
    watcher => bench.subscribe(watcher),
    () => bench.version,
  );
  return <ScreenView view={viewOf(bench, prompt.line, prompt.candidates)} />;
}
