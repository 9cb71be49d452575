// Diagnostics: a line on standard error.
export const note = (text: string): void => {
  process.stderr.write(`chronix: ${text}\n`);
};
