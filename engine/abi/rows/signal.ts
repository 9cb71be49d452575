export const signalRows = {};
