// The user that a container's config names: USER[:GROUP], each a number or a name of the image's own /etc/passwd and /etc/group.
import type { Image, ImageEntry } from "../../engine/loader/image.ts";
import { contentBytes } from "../stored-image.ts";
import { UserMistake } from "../user-mistake.ts";

export function userOf(text: string, entries: readonly ImageEntry[]): Image["config"]["user"] {
  const [user = "", group] = text.split(":");
  const rows = (path: string): readonly (readonly string[])[] => {
    const entry = entries.find(one => one.path === path);
    return entry
      ? Buffer.from(contentBytes(entry))
          .toString("latin1")
          .split("\n")
          .map(line => line.split(":"))
      : [];
  };
  if (user === "") return { uid: 0, gid: 0 };
  const isNumber = /^\d+$/.test(user);
  const row = rows("/etc/passwd").find(([name, , uid]) => (isNumber ? uid === user : name === user));
  if (!row && !isNumber) throw new UserMistake(`The image is to run as ${user}, whom its /etc/passwd does not have.`);
  const uid = Number(row?.[2] ?? user);
  if (group === undefined || group === "") return { uid, gid: Number(row?.[3] ?? 0) };
  const gid = /^\d+$/.test(group) ? group : rows("/etc/group").find(([name]) => name === group)?.[2];
  if (gid === undefined) throw new UserMistake(`The image is to run with group ${group}, which its /etc/group does not have.`);
  return { uid, gid: Number(gid) };
}
