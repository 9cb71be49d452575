// One shell script with the image's own binaries on the host's kernel, in a root made by native-root.ts. Needs root on Linux x86-64.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import type { Image } from "../../guest-images/image.ts";
import { CASE_FOLDER, type Outcome } from "./corpus.ts";

export interface NativeProcess {
  /** For messages. */
  readonly name: string;
  /** Run as `/bin/sh -c SCRIPT` in the folder, with the image's environment, a umask of 022, and process numbers and a host name of its own. */
  readonly script: string;
  readonly stdin?: string;
  /** Each `NAME=VALUE`, besides the image's. */
  readonly variables?: readonly string[];
  readonly timeoutMillis: number;
  /** CASE_FOLDER, where none is named. */
  readonly folder?: string;
  /** Root, where none is named. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** In a session of its own, its standard streams the user's, and with a loopback interface for all its network. */
  readonly isApart?: boolean;
}
/** It was ended for its time; what it had said by then. */
export class Overdue extends Error {
  readonly streams: { readonly stdout: string; readonly stderr: string };
  constructor(name: string, timeoutMillis: number, streams: Overdue["streams"]) {
    super(`${name} did not end within ${timeoutMillis} ms.`);
    this.streams = streams;
  }
}
/**
 * Node gives a child sockets, which cannot be opened through /dev/stdout: the guest gets pipes. The shell that makes them is the guest's parent and stays,
 * since the processes at their other ends are its children: were they the guest's own, its `wait` would wait for them. What it says of a killed guest is dropped.
 */
const WITH_PIPES = 'exec 3>&2 2>/dev/null; exec < <(cat) > >(cat) 4> >(cat >&3); "$@" 2>&4 3>&- 4>&-; exit $?';

export function runInRoot(root: string, { config }: Image, wanted: NativeProcess): Promise<Outcome> {
  const { name, script, stdin = "", variables = [], timeoutMillis, folder = CASE_FOLDER, user, isApart = false } = wanted;
  const environment = [...Object.entries(config.environment).map(([variable, value]) => `${variable}=${value}`), ...variables];
  const as = user ? `--userspec=${user.uid}:${user.gid} --groups=${user.gid}` : "";
  // The first shell is process 1, which signals pass by and orphans come to: the guest is its child.
  const enter = `mount -t proc none ${root}/proc; hostname chronix; ${isApart ? `ip link set lo up; chown ${user?.uid ?? 0} /proc/self/fd/[012]; ` : ""}chroot ${as} ${root} /bin/sh -c 'cd ${folder} && umask 022 && exec ${isApart ? "setsid " : ""}env -i "$@"' sh "$@"; exit $?`;
  const namespaces = ["--uts", "--mount", "--pid", "--fork", "--kill-child", ...(isApart ? ["--net"] : [])];
  const command = ["unshare", ...namespaces, "sh", "-c", enter, "sh", ...environment, "/bin/sh", "-c", script];
  const child = spawn("bash", ["-c", WITH_PIPES, "bash", ...command], { detached: true });
  child.stdin.on("error", () => {
    // The script need not read its input.
  });
  child.stdin.end(stdin);
  const streams = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].setEncoding("latin1").on("data", (chunk: string) => {
      streams[stream] += chunk;
    });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      if (child.pid) process.kill(-child.pid, "SIGKILL");
      reject(new Overdue(name, timeoutMillis, streams));
    }, timeoutMillis);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ ...streams, status: code ?? 128 + (signal ? constants.signals[signal] : 0) });
    });
  });
}
