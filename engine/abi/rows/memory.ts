export const memoryRows = {};
