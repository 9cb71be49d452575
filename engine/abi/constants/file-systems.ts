// The types of file system that the kernel knows, in the order of /proc/filesystems, by which sysfs(2) counts them.
export const fileSystemTypes = ["sysfs", "tmpfs", "proc", "devtmpfs", "pipefs", "devpts", "overlay"] as const;
