// The options that say what machine to boot, shared by run, record and repl, become an image, mounts and boot parameters. How they are written is in guest-option-rows.ts.
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, isAbsolute, resolve } from "node:path";
import { cpuLevels, OLDEST_LEVEL } from "../engine/abi/constants/processor-features.ts";
import type { Mount } from "../engine/boot.ts";
import type { ProcessorOptions, Tier } from "../engine/cpu/processor.ts";
import { hasEntry, type Image, type ImageEntry } from "../engine/loader/image.ts";
import type { BootParameters, CpuLevel } from "../events/kernel-event.ts";
import { entriesDigest } from "../guest-images/digest.ts";
import { hostFolder } from "../guest-images/host-folder.ts";
import type { HostTrees } from "../guest-images/host-tree.ts";
import { Failure, UsageFailure } from "./failure.ts";
import type { GuestOptions } from "./guest-option-defaults.ts";
import { defaultImage, openImage } from "./images.ts";
import { injector, parseInjection } from "./injection.ts";
import { prebuiltInterpreter } from "./prebuilt.ts";

export interface BootRequest {
  readonly image: Image;
  readonly mounts: readonly Mount[];
  readonly parameters: BootParameters;
}

/** The machine has connections with this host: it needs a network of it (publishing.ts). */
export const wantsNetwork = ({ publish, net }: Pick<GuestOptions, "publish" | "net">): boolean => publish.length > 0 || net === "host";

const TIERS: readonly Tier[] = ["interpreter", "compiled", "auto"];
/** How a machine or a session executes. */
export function processorOptions({ tier: wanted }: Pick<GuestOptions, "tier">): ProcessorOptions {
  if (wanted === undefined) return prebuiltInterpreter();
  const tier = TIERS.find(known => known === wanted);
  if (!tier) throw new UsageFailure(`--tier ${wanted}: give interpreter, compiled or auto.`);
  return { ...prebuiltInterpreter(), tier };
}

/** What a machine's world or a session is given for them. */
export const injectionOption = (texts: readonly string[]): { readonly inject?: ReturnType<typeof injector> } =>
  texts.length > 0 ? { inject: injector(texts.map(parseInjection)) } : {};

const QUANTUM_TICKS = 1_000_000;

function parseLevel(text: string): CpuLevel {
  const level = cpuLevels.find(known => known === text);
  if (!level) throw new UsageFailure(`--cpu takes ${cpuLevels.join(", ")}, not ${text}.`);
  return level;
}
/** The first level is what no parameter means. */
function cpuParameter(text: string): { readonly cpu?: CpuLevel } {
  const cpu = parseLevel(text);
  return cpu === OLDEST_LEVEL ? {} : { cpu };
}
const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
export function parseSize(text: string): number {
  const match = /^(\d+)([KMG]?)i?B?$/i.exec(text);
  const bytes = match ? Number(match[1]) * UNITS[match[2]!.toUpperCase()]! : Number.NaN;
  if (!(bytes >= 2 ** 22 && bytes <= 3.5 * 2 ** 30)) throw new UsageFailure(`--memory ${text}: give a size from 4M to 3.5G, as 512M or 2G.`);
  return bytes;
}
const parseInteger = (option: string, text: string): number => {
  if (!/^-?\d+$/.test(text)) throw new UsageFailure(`${option} ${text}: give a whole number.`);
  return Number(text);
};

function parseMount(text: string, unlogged?: HostTrees): Copy {
  const [host, guest, mode, ...rest] = text.split(":");
  if (!host || !guest?.startsWith("/") || rest.length > 0 || (mode !== undefined && mode !== "ro"))
    throw new UsageFailure(`--mount ${text}: write HOST:GUEST or HOST:GUEST:ro, with GUEST an absolute path.`);
  if (!existsSync(host)) throw new Failure(`--mount ${text}: there is no ${host} on this host.`);
  const place = { path: guest, isReadOnly: mode === "ro" };
  if (!statSync(host).isDirectory()) return { ...place, entries: [hostFile(host)] };
  if (!unlogged) return { ...place, entries: folderEntries(host) };
  const tree = unlogged.of(host);
  return { ...place, entries: [], tree, contents: tree };
}
type Copy = Omit<Mount, "digest">;
function folderEntries(host: string): readonly ImageEntry[] {
  const { entries, notices } = hostFolder(host);
  for (const notice of notices) process.stderr.write(`chronix: ${notice}\n`);
  return entries;
}
const hostFile = (path: string): ImageEntry => {
  const { mode, mtimeMs } = statSync(path);
  return { path: "/", kind: "file", mode: mode & 0o7777, uid: 0, gid: 0, mtimeSeconds: Math.floor(mtimeMs / 1000), content: readFileSync(path) };
};

const isElf = (path: string): boolean => statSync(path).isFile() && readFileSync(path).subarray(0, 4).toString("latin1") === "\x7fELF";
/** A program given by a host path that the image lacks is mounted at the same path: `chronix run ./any-static-elf`. */
function hostProgram(program: string, image: Image): { readonly program: string; readonly mount?: Copy } {
  if (!program.includes("/")) return { program };
  const inImage = isAbsolute(program) && hasEntry(image, program);
  if (inImage || !existsSync(program) || !isElf(program)) return { program };
  const path = resolve(dirname(realpathSync(program)), realpathSync(program));
  return { program: path, mount: { path, isReadOnly: false, entries: [hostFile(path)] } };
}
/** As a shell looks for a command: the directories of PATH, in the image. */
function lookUp(program: string, image: Image, environment: Readonly<Record<string, string>>): string {
  if (program.includes("/")) return program;
  return (
    (environment.PATH ?? "/bin")
      .split(":")
      .map(folder => `${folder}/${program}`)
      .find(path => hasEntry(image, path)) ?? `/bin/${program}`
  );
}

export interface Standard {
  readonly standard: BootParameters["standard"];
  readonly terminal: BootParameters["terminal"];
}
/** A log names what was mounted by its digest. Where none is kept, `unlogged` has the mounted folders, read when they are looked into: to read all of them, and to make their digests, is most of a short run. */
export function bootRequest(options: GuestOptions, command: readonly string[], { standard, terminal }: Standard, unlogged?: HostTrees): BootRequest {
  const image = options.image === undefined ? defaultImage() : openImage(options.image);
  const changed = options.env.map(pair => {
    if (!pair.includes("=")) throw new UsageFailure(`--env ${pair}: write NAME=VALUE.`);
    return [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)] as const;
  });
  const environment: Readonly<Record<string, string>> = {
    ...image.config.environment,
    ...(standard[0] === "terminal" ? { TERM: "xterm" } : {}),
    ...Object.fromEntries(changed),
  };
  const argv = command.length > 0 ? command : image.config.entrypoint;
  const { program, mount } = hostProgram(argv[0]!, image);
  const copies = [...options.mount.map(text => parseMount(text, unlogged)), ...(mount ? [mount] : [])];
  const mounts = copies.map(copy => ({ ...copy, digest: unlogged ? "" : entriesDigest(copy.entries) }));
  const [uid, gid] =
    options.user === undefined ? [image.config.user.uid, image.config.user.gid] : options.user.split(":").map(id => parseInteger("--user", id));
  return {
    image,
    mounts,
    parameters: {
      imageName: image.name,
      imageDigest: image.digest,
      mounts: mounts.map(({ path, digest, isReadOnly }) => ({ path, digest, isReadOnly })),
      program: mount ? program : lookUp(program, image, environment),
      argv,
      environment: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
      workingDirectory: options.cwd ?? image.config.workingDirectory,
      user: { uid: uid!, gid: gid ?? uid! },
      standard,
      terminal,
      hostname: options.hostname,
      epochSeconds: parseInteger("--epoch", options.epoch),
      seed: parseInteger("--seed", options.seed),
      ...(options.chaos === undefined ? {} : { chaos: parseInteger("--chaos", options.chaos) }),
      ...cpuParameter(options.cpu),
      memoryBytes: parseSize(options.memory),
      quantumTicks: QUANTUM_TICKS,
      ...(options.net === "host" ? { network: "host" as const } : {}),
      memoryFiles: "live",
    },
  };
}
