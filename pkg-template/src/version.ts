import { packageVersion } from './core/generated/version.js';

/**
 * Returns the version of this package, such as `1.2.3`.
 *
 * @example
 * console.log(version()); // 1.2.3
 */
export function version(): string {
  return packageVersion;
}
