import { core } from './core/load.js';

/** The version of this package. */
export function version(): string {
  return core().version();
}
