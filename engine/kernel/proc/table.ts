// Every file of /proc, a row each: the path pattern, and what makes its content. A new file is a new row. In patterns, PID and TID stand for
// a process and a task, FD for a descriptor; directories that only hold rows need none themselves. All below PID is also below PID/task/TID.
import { directory, type Entry, file, link, privateFile, processFile, processLink, READ_ALL, spaceFile, text } from "./entry.ts";
import { lockTable } from "./lock-table.ts";
import { loginSession, loginUser, setLoginUser } from "./logins.ts";
import * as machine from "./machine-files.ts";
import { auxiliaryVectorShown, commandLineShown, environmentShown, memoryItself } from "./memory-files.ts";
import { networkFiles } from "./network-files.ts";
import * as opened from "./process-files.ts";
import { adjustment, limits, oomScore, rename, setAdjustment, transfers } from "./process-limits.ts";
import { auxiliaryVector, commandLine, environment, maps, smaps, smapsTogether } from "./process-memory.ts";
import { nameOf, stat, statm, status } from "./process-status.ts";
import * as settings from "./system-settings.ts";

const named = (which: "hostname" | "domainname") => {
  const { read, write } = settings.systemName(which);
  return file(read, write);
};
const prefixed = (prefix: string, contents: Readonly<Record<string, string | number>>, end = ""): Readonly<Record<string, Entry>> =>
  Object.fromEntries(Object.entries(contents).map(([name, content]) => [prefix + name, text(`${content}${end}`)]));

const below = (folder: string, entries: Readonly<Record<string, Entry>>): Readonly<Record<string, Entry>> =>
  Object.fromEntries(Object.entries(entries).map(([name, entry]) => [`${folder}/${name}`, entry]));

export const rows: Readonly<Record<string, Entry>> = {
  cmdline: text(machine.kernelCommandLine),
  cpuinfo: file(machine.cpuinfo),
  devices: text(machine.devices),
  diskstats: text(""),
  filesystems: text(machine.filesystems),
  interrupts: text(machine.interrupts),
  loadavg: file(machine.loadavg),
  locks: file(lockTable),
  meminfo: file(machine.meminfo),
  mounts: link(() => "self/mounts"),
  net: link(() => "self/net"),
  partitions: text(machine.partitions),
  stat: file(machine.stat),
  swaps: text(machine.swaps),
  ...prefixed("", settings.constants, "\n"),
  "sys/kernel/domainname": named("domainname"),
  "sys/kernel/hostname": named("hostname"),
  "sys/kernel/pty/nr": file(settings.terminalCount),
  "sys/kernel/random/boot_id": file(settings.bootId),
  "sys/kernel/random/uuid": file(settings.uuid),
  "sys/kernel/threads-max": file(settings.taskLimit),
  "sys/fs/file-max": file(settings.openFileLimit),
  "sys/fs/file-nr": file(settings.openFileCounts),
  "sys/fs/inode-nr": file(settings.inodeCounts),
  "tty/drivers": text(machine.terminalDrivers),
  uptime: file(machine.uptime),
  version: file(machine.version),
  vmstat: file(machine.vmstat),
  self: link(({ reader }) => String(reader.pid)),
  "thread-self": link(({ reader }) => `${reader.pid}/task/${reader.tid}`),

  "PID/task": directory(0o555),
  "PID/fd": directory(0o500, true),
  "PID/fd/FD": processLink(opened.descriptorText, { follow: opened.descriptorPlace, modeOf: opened.descriptorMode }),
  "PID/fdinfo": directory(0o555, true),
  "PID/fdinfo/FD": privateFile(opened.descriptorInformation, 0o444),
  ...below("PID/net", networkFiles),
  "PID/environ": spaceFile(environment, { shows: environmentShown }),
  "PID/mem": spaceFile(() => "", { mode: 0o600, shows: memoryItself, isMemory: true }),
  "PID/auxv": spaceFile(auxiliaryVector, { shows: auxiliaryVectorShown }),
  "PID/status": processFile(status),
  "PID/personality": privateFile(({ process }) => `${process.personality.toString(16).padStart(8, "0")}\n`),
  "PID/limits": processFile(limits),
  "PID/comm": processFile(question => `${nameOf(question)}\n`, { write: rename }),
  "PID/cmdline": processFile(commandLine, { shows: commandLineShown }),
  "PID/stat": processFile(stat),
  "PID/statm": processFile(statm),
  "PID/maps": spaceFile(maps, { mode: READ_ALL }),
  "PID/cwd": processLink(opened.pathOfProcess("workingDirectory"), { follow: opened.placeOfProcess("workingDirectory") }),
  "PID/root": processLink(opened.pathOfProcess("root"), { follow: opened.placeOfProcess("root") }),
  "PID/exe": processLink(opened.executablePath, { follow: opened.executablePlace }),
  "PID/mounts": processFile(opened.mounts),
  "PID/mountinfo": processFile(opened.mountInformation),
  "PID/mountstats": processFile(opened.mountStatistics, { mode: 0o400 }),
  "PID/smaps": spaceFile(smaps, { mode: READ_ALL }),
  "PID/smaps_rollup": spaceFile(smapsTogether, { mode: READ_ALL }),
  "PID/wchan": processFile(() => "0"),
  "PID/cgroup": processFile(() => "0::/\n"),
  "PID/oom_score": processFile(oomScore),
  "PID/oom_score_adj": processFile(adjustment, { write: setAdjustment }),
  "PID/loginuid": processFile(loginUser, { write: setLoginUser }),
  "PID/sessionid": processFile(loginSession),
  "PID/io": privateFile(transfers),
  ...Object.fromEntries(["uid_map", "gid_map", "projid_map"].map(name => [`PID/${name}`, processFile(() => opened.SAME_USERS)])),
  "PID/setgroups": processFile(() => "allow\n"),
};
