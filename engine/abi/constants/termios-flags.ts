// The bits and characters of struct termios (termios(3), include/uapi/asm-generic/termbits.h).

/** c_iflag. */
export const INPUT_FLAGS = {
  IGNBRK: 0o1,
  BRKINT: 0o2,
  IGNPAR: 0o4,
  PARMRK: 0o10,
  INPCK: 0o20,
  ISTRIP: 0o40,
  INLCR: 0o100,
  IGNCR: 0o200,
  ICRNL: 0o400,
  IUCLC: 0o1000,
  IXON: 0o2000,
  IXANY: 0o4000,
  IXOFF: 0o10000,
  IMAXBEL: 0o20000,
  IUTF8: 0o40000,
} as const;
/** c_oflag. TAB3 is XTABS: tabs become spaces. */
export const OUTPUT_FLAGS = {
  OPOST: 0o1,
  OLCUC: 0o2,
  ONLCR: 0o4,
  OCRNL: 0o10,
  ONOCR: 0o20,
  ONLRET: 0o40,
  OFILL: 0o100,
  OFDEL: 0o200,
  TAB3: 0o14000,
} as const;
/** c_cflag. */
export const CONTROL_FLAGS = {
  CS8: 0o60,
  CSTOPB: 0o100,
  CREAD: 0o200,
  PARENB: 0o400,
  PARODD: 0o1000,
  HUPCL: 0o2000,
  CLOCAL: 0o4000,
} as const;
/** c_cflag's speed: CBAUD; BOTHER means that c_ospeed counts; c_ispeed's lies 16 bits higher, 0 there meaning the same. */
export const CBAUD = 0o10017;
export const BOTHER = 0o10000;
export const INPUT_BAUD_SHIFT = 16;
/** c_lflag. */
export const LOCAL_FLAGS = {
  ISIG: 0o1,
  ICANON: 0o2,
  XCASE: 0o4,
  ECHO: 0o10,
  ECHOE: 0o20,
  ECHOK: 0o40,
  ECHONL: 0o100,
  NOFLSH: 0o200,
  TOSTOP: 0o400,
  ECHOCTL: 0o1000,
  ECHOPRT: 0o2000,
  ECHOKE: 0o4000,
  FLUSHO: 0o10000,
  PENDIN: 0o40000,
  IEXTEN: 0o100000,
  EXTPROC: 0o200000,
} as const;
/** Places in c_cc. */
export const CHARACTERS = {
  VINTR: 0,
  VQUIT: 1,
  VERASE: 2,
  VKILL: 3,
  VEOF: 4,
  VTIME: 5,
  VMIN: 6,
  VSWTC: 7,
  VSTART: 8,
  VSTOP: 9,
  VSUSP: 10,
  VEOL: 11,
  VREPRINT: 12,
  VDISCARD: 13,
  VWERASE: 14,
  VLNEXT: 15,
  VEOL2: 16,
} as const;
export const CHARACTER_COUNT = 19;
/** A place in c_cc that holds this has no function. */
export const DISABLED = 0;

/** Bits per second by CBAUD's value. */
export const SPEEDS: ReadonlyMap<number, number> = new Map([
  ...[0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400].map((speed, code) => [code, speed] as const),
  ...[57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000].map(
    (speed, i) => [BOTHER + 1 + i, speed] as const,
  ),
]);
