// st_dev of the file systems: none has a device, so each has a number of its own below major 0, as Linux gives them.

export const deviceOfFileSystem = (fileSystem: number): readonly [major: number, minor: number] => [0, fileSystem + 1];
