// Why a test differs, where that is known. What is not named here is a fault of ours that nobody has looked into.

/** By `suite/module: test`, the first that fits. */
export const REASONS: readonly (readonly [tests: RegExp, why: string])[] = [
  [/test_largefile: /, "skipped where less than 5 GB are free: the guest's file system holds as much as its memory may"],
  [/^bash\/execscript: /, "names its process group, whose number differs"],
  [
    /^bash\/read: /,
    "asks with next to no patience whether standard input has ended: here the clock of a guest that sleeps is ahead before the end has come from the host",
  ],
  [/UDPLITE/, "UDP-Lite is not served"],
  [/test_socket: .*RFC3542AncillaryUDP6/, "IPV6_HOPLIMIT and IPV6_TCLASS that are sent as control data are not taken"],
  [/^bash\/glob-test: /, "two processes that begin at once write a line each into one file, in either order"],
];

export const UNKNOWN = "not looked into yet";
export const reasonOf = (test: string): string => REASONS.find(([tests]) => tests.test(test))?.[1] ?? UNKNOWN;
