export const unservedRows = {};
