// Where `cargo xtask addon` leaves the addon for each platform.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function addonFor(platform) {
  const file = fileURLToPath(new URL(`../../../pkg-native/${platform}/ntlm-wasm.node`, import.meta.url));
  if (!existsSync(file)) throw new Error(`there is no addon for ${platform}: build it with \`cargo xtask addon\``);
  return file;
}
