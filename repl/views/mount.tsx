// Puts the application on a terminal, and takes it off again.
import { render } from "ink";
import type { Prompt } from "../model/prompt.ts";
import { App } from "./app.tsx";

export interface Mounted {
  unmount(): void;
  readonly hasEnded: Promise<unknown>;
}
/** Keys are not read here: they belong to the guest at times (repl/keyboard.ts). */
export function mount(prompt: Prompt, stdout: NodeJS.WriteStream): Mounted {
  const instance = render(<App prompt={prompt} />, {
    stdout,
    exitOnCtrlC: false,
    patchConsole: false,
    alternateScreen: true,
    incrementalRendering: true,
    interactive: true,
  });
  return { unmount: () => instance.unmount(), hasEnded: instance.waitUntilExit() };
}
