// What tests of programs behind a proxy need: the built-in proxy, two origins that only it can resolve, and a folder.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '../../../pkg/dist/node/index.js';

/** The name of the origins. A program that does not use the proxy cannot reach them. */
const HOST = 'registry.corp.example';

/** Starts the servers. Call `close` after the tests. */
export async function startTestNetwork() {
  const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-programs-'));
  const proxy = await startServer({ hosts: { [HOST]: '127.0.0.1' } });
  const plain = await startServer({ role: 'none' });
  const secure = await startServer({ role: 'none', tls: true });
  return {
    folder,
    proxy,
    /** Returns the URL of a page at the `http:` or `https:` origin. */
    url: (scheme) => `${scheme}://${HOST}:${(scheme === 'http' ? plain : secure).port}/bytes/4`,
    /** Writes a program into the folder and returns its path. */
    write(name, source) {
      const file = join(folder, name);
      writeFileSync(file, source);
      return file;
    },
    async close() {
      await Promise.all([proxy.close(), plain.close(), secure.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
