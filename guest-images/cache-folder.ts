// Where Chronix keeps what it can fetch or make again. CHRONIX_HOME moves it.
import { homedir } from "node:os";

export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  const { CHRONIX_HOME, XDG_CACHE_HOME } = environment;
  if (CHRONIX_HOME) return CHRONIX_HOME;
  // HOME is where homedir looks too: to load node:os takes a quarter of a millisecond.
  return `${XDG_CACHE_HOME || `${environment.HOME || homedir()}/.cache`}/chronix`;
}
