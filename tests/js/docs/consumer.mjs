/** A folder in which the examples find their packages: the built package, and what tests/js has installed. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './pages.mjs';

const installed = join(root, 'tests/js/node_modules');

export function consumerFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-docs-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(installed).filter((one) => !one.startsWith('.'))) {
    symlinkSync(join(installed, name), join(modules, name), 'junction');
  }
  symlinkSync(join(root, 'pkg'), join(modules, 'ntlm-wasm'), 'junction');
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
