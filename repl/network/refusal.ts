// Why this host does not let us listen, as one sentence with what to do.
const KNOWN: Readonly<Record<string, (place: string) => string>> = {
  EADDRINUSE: place => `${place} is in use on this host already; choose another port, or 0 for one that is free.`,
  EACCES: place => `this host does not permit you to listen at ${place}; choose a port from 1024 up.`,
  EADDRNOTAVAIL: place => `this host has no address for ${place}; use 127.0.0.1.`,
};
export function refusal(address: string, port: number, error: NodeJS.ErrnoException): string {
  const place = `${address.includes(":") ? `[${address}]` : address}:${port}`;
  const known = KNOWN[error.code ?? ""];
  return `Cannot publish: ${known ? known(place) : `listening at ${place} failed (${error.code ?? error.message}).`}`;
}
