// Which Linux it says it is: uname(2), /proc/version, /proc/sys/kernel.

/** The Linux whose behaviour is kept to: Debian 13's. */
export const RELEASE = "6.12.0-chronix";
export const VERSION = "#1 SMP PREEMPT_DYNAMIC Chronix";
