// chronix image: guest images.
import { demoImage } from "../../guest-images/demo.ts";
import { BUSYBOX, ImageStore } from "../../guest-images/image-store.ts";
import { UsageFailure } from "../failure.ts";
import { note } from "../note.ts";
import { Progress } from "../progress.ts";
import { printRows } from "../table.ts";
import type { CommandRow } from "./command-row.ts";

interface Steps {
  readonly onProgress: (sentence: string) => void;
  readonly onStep: (step: string, done: number, total: number) => void;
}
/** Loaded only when asked for: unpacking takes libraries. */
const pulls: Readonly<Record<string, (steps: Steps) => Promise<{ readonly digest: string }>>> = {
  [BUSYBOX]: async ({ onProgress }) => (await import("../../guest-images/busybox.ts")).pullBusybox({ onProgress }),
  debian: async steps => (await import("../../guest-images/debian/debian.ts")).pullDebian(steps),
};

/** A bar for each step that takes long; sentences go above it. */
async function withBars<T>(act: (steps: Steps) => Promise<T>): Promise<T> {
  let current: { readonly step: string; readonly bar: Progress } | undefined;
  const end = () => {
    current?.bar.end();
    current = undefined;
  };
  try {
    return await act({
      onProgress(sentence) {
        end();
        note(sentence);
      },
      onStep(step, done, total) {
        if (current?.step !== step) {
          end();
          current = { step, bar: new Progress(step, total) };
        }
        current.bar.at(done);
      },
    });
  } finally {
    end();
  }
}

export const image: CommandRow = {
  name: "image",
  declare(command) {
    command.summary("guest images: pull, import, ls, rm");
    command
      .command("pull")
      .summary("fetch an image")
      .argument("<name>", Object.keys(pulls).join(" or "))
      .action(async (name: string) => {
        const pull = pulls[name];
        if (!pull) throw new UsageFailure(`There is no image ${name} to fetch; there are ${Object.keys(pulls).join(" and ")}.`);
        const { digest } = await withBars(pull);
        process.stdout.write(`${digest}\n`);
      });
    command
      .command("import")
      .summary('an image from a "docker save" archive, an OCI layout, a tar of a root file system (plain, gz, xz, zst) or a folder')
      .argument("<path>")
      .option("--name <NAME>", "the image's name (default: after the file)")
      .action(async (path: string, { name }: { readonly name?: string }) => {
        const { importImage } = await import("../../guest-images/import/import.ts");
        const { digest } = await withBars(steps => importImage({ path, ...(name !== undefined && { name }), ...steps }));
        process.stdout.write(`${digest}\n`);
      });
    command
      .command("ls")
      .summary("list images")
      .option("--json", "rows as JSON")
      .action(({ json }: { readonly json?: boolean }) => {
        const demo = demoImage();
        const embedded = { name: demo.name, bytes: demo.entries.reduce((sum, { content }) => sum + (content?.length ?? 0), 0), digest: demo.digest };
        const stored = new ImageStore().list().map(({ name = "", bytes, digest }) => ({ name, bytes, digest }));
        printRows([embedded, ...stored], json ?? false);
      });
    command
      .command("rm")
      .summary("remove images")
      .argument("<image...>", "names or digests")
      .action((names: string[]) => {
        const store = new ImageStore();
        for (const name of names) store.remove(name);
      });
  },
};
