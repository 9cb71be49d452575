// Which programs the Debian image is for; what these need comes with them. Without what Debian only recommends.

/** What a Debian without its installer needs to be one: the packages marked essential, and users and groups. */
const BASE =
  "base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils grep gzip hostname init-system-helpers libc-bin login mount ncurses-base ncurses-bin passwd perl-base sed tar util-linux";
const TOOLS = "bzip2 ca-certificates curl file gawk less openssl patch perl procps python3 sqlite3 strace xz-utils zstd";
const DEVELOPMENT = "gcc git libc6-dev make";
const SERVERS = "nginx-light redis-server";

export const SEEDS: readonly string[] = [BASE, TOOLS, DEVELOPMENT, SERVERS].flatMap(list => list.split(" "));
