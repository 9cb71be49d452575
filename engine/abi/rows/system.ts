export const systemRows = {};
