// The corpus on the host's own kernel. node test/debian/native.ts [WORD…]

import { DEBIAN, pullDebian } from "../../guest-images/debian/debian.ts";
import { ImageStore } from "../../guest-images/image-store.ts";
import { checkNatively } from "../corpus/native.ts";
import { debianCorpus } from "./corpus.ts";

const store = new ImageStore();
const image = store.has(DEBIAN) ? store.open(DEBIAN) : await pullDebian({ onProgress: console.error });
await checkNatively(debianCorpus, image, process.argv.slice(2));
