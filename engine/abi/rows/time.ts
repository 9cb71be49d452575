export const timeRows = {};
