// What every root file system of ours has, whatever programs are in it: the folders and the few files of /etc that programs expect. A pure function.
import type { Image, ImageEntry } from "../engine/loader/image.ts";

const MOTD = `Welcome to Chronix. This is a simulated machine: every system call is an event, and you can go back to any of them.
`;
const PROFILE = `export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PS1='\\u@\\h:\\w\\$ '
umask 022
`;
const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
guest:x:1000:1000:guest:/home/guest:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;
const GROUP = `root:x:0:
daemon:x:1:
tty:x:5:
disk:x:6:
users:x:100:
guest:x:1000:
nogroup:x:65534:
`;
const ETC: Readonly<Record<string, string>> = {
  fstab: "proc /proc proc defaults 0 0\nsysfs /sys sysfs defaults 0 0\ntmpfs /tmp tmpfs defaults 0 0\n",
  group: GROUP,
  hostname: "chronix\n",
  hosts: "127.0.0.1 localhost\n127.0.1.1 chronix\n::1 localhost ip6-localhost\n",
  motd: MOTD,
  "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
  passwd: PASSWD,
  profile: PROFILE,
  "resolv.conf": "nameserver 127.0.0.1\n",
  shells: "/bin/sh\n/bin/ash\n",
};
const FOLDERS: Readonly<Record<string, number>> = {
  "/": 0o755,
  "/bin": 0o755,
  "/dev": 0o755,
  "/etc": 0o755,
  "/home": 0o755,
  "/home/guest": 0o755,
  "/mnt": 0o755,
  "/proc": 0o555,
  "/root": 0o700,
  "/run": 0o755,
  "/sbin": 0o755,
  "/sys": 0o555,
  "/tmp": 0o1777,
  "/usr": 0o755,
  "/usr/bin": 0o755,
  "/usr/local": 0o755,
  "/usr/local/bin": 0o755,
  "/usr/local/sbin": 0o755,
  "/usr/sbin": 0o755,
  "/var": 0o755,
  "/var/log": 0o755,
  "/var/tmp": 0o1777,
};
const GUEST = 1000;

export const ROOT_ENVIRONMENT: Image["config"]["environment"] = {
  HOME: "/root",
  LOGNAME: "root",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  SHELL: "/bin/sh",
  TERM: "xterm",
  USER: "root",
};

export function baseRoot({ system, mtimeSeconds }: { readonly system: string; readonly mtimeSeconds: number }): readonly ImageEntry[] {
  const owned = { uid: 0, gid: 0, mtimeSeconds };
  const file = (name: string, text: string): ImageEntry => ({
    path: `/etc/${name}`,
    kind: "file",
    mode: 0o644,
    ...owned,
    content: new TextEncoder().encode(text),
  });
  const guests = (path: string) => path === "/home/guest" && { uid: GUEST, gid: GUEST };
  return [
    ...Object.entries(FOLDERS).map(([path, mode]): ImageEntry => ({ path, kind: "directory", mode, ...owned, ...guests(path) })),
    ...Object.entries(ETC).map(([name, text]) => file(name, text)),
    file("os-release", `NAME="Chronix"\nID=chronix\nPRETTY_NAME="${system}"\n`),
    { path: "/etc/mtab", kind: "symlink", mode: 0o777, ...owned, target: "/proc/mounts" },
  ];
}
