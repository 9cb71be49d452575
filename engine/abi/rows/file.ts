export const fileRows = {};
