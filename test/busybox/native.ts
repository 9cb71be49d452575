// The corpus on the host's own kernel. node test/busybox/native.ts [WORD…]
import { BUSYBOX, pullBusybox } from "../../guest-images/busybox.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { checkNatively } from "../corpus/native.ts";
import { busyboxCorpus } from "./corpus.ts";

const store = new ImageStore();
const image = store.has(BUSYBOX) ? store.open(BUSYBOX) : await pullBusybox({ onProgress: console.error });
await checkNatively(busyboxCorpus, image, process.argv.slice(2));
