// A registry that has one package: the tarball that was built.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const manifest = JSON.parse(readFileSync(new URL('../../pkg/package.json', import.meta.url), 'utf8'));

/** @param {string} tarball its path */
export async function startRegistry(tarball, host = '127.0.0.1') {
  const bytes = readFileSync(tarball);
  const integrity = `sha512-${createHash('sha512').update(bytes).digest('base64')}`;
  const shasum = createHash('sha1').update(bytes).digest('hex');
  const server = createServer((request, response) => {
    if (request.url.endsWith('.tgz')) return response.end(bytes);
    if (request.url.split('?')[0] !== '/ntlm-wasm') return response.writeHead(404).end('{}');
    const dist = { tarball: `http://${request.headers.host}/ntlm-wasm/-/ntlm-wasm.tgz`, integrity, shasum };
    const { version } = manifest;
    const time = {
      created: '2020-01-01T00:00:00Z',
      modified: '2020-01-01T00:00:00Z',
      [version]: '2020-01-01T00:00:00Z',
    };
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        name: 'ntlm-wasm',
        time,
        'dist-tags': { latest: version },
        versions: { [version]: { ...manifest, dist } },
      }),
    );
  });
  await new Promise((resolve) => server.listen(0, host, resolve));
  return {
    url: `http://${host}:${server.address().port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
