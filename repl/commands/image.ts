// chronix image: guest images.
import { BUSYBOX, pullBusybox } from "../../guest-images/busybox.ts";
import { demoImage } from "../../guest-images/demo.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { UsageFailure } from "../failure.ts";
import { note } from "../note.ts";
import { printRows } from "../table.ts";
import type { CommandRow } from "./command-row.ts";

export const image: CommandRow = {
  name: "image",
  declare(command) {
    command.summary("guest images: pull, ls, rm");
    command
      .command("pull")
      .summary("fetch an image")
      .argument("<name>", BUSYBOX)
      .action(async (name: string) => {
        if (name !== BUSYBOX) throw new UsageFailure(`There is no image ${name} to fetch; there is ${BUSYBOX}.`);
        const { digest } = await pullBusybox({ onProgress: note });
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
