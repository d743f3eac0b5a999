import { packageVersion } from './core/generated/version.js';

/** The version of this package. */
export function version(): string {
  return packageVersion;
}
