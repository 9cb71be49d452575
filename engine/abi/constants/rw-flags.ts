// What preadv2(2), pwritev2(2) and asynchronous requests say of one transfer.
export const rwFlags = { RWF_HIPRI: 1, RWF_DSYNC: 2, RWF_SYNC: 4, RWF_NOWAIT: 8, RWF_APPEND: 0x10, RWF_NOAPPEND: 0x20, RWF_ATOMIC: 0x40 } as const;
