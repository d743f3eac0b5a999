// verdaccio, the npm registry that companies run themselves, http and https, with one small package in it.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';
import { runServer } from 'verdaccio';

/** @returns the servers; the caller removes the folder */
export async function startNpmRegistry({ folder, tls, manifest, tarball }) {
  const application = await runServer({
    self_path: folder,
    storage: join(folder, 'npm'),
    packages: { '**': { access: '$all', publish: '$all' } },
    uplinks: {},
    web: { enable: false },
    log: { type: 'stdout', level: 'fatal' },
  });
  const [handler] = application.listeners('request');
  const servers = { http: http.createServer(handler), https: https.createServer(tls, handler) };
  for (const server of Object.values(servers)) await once(server.listen(0, '127.0.0.1'), 'listening');
  await publish(`http://127.0.0.1:${servers.http.address().port}`, manifest, tarball);
  return servers;
}

/** As `npm publish` does it. */
async function publish(registry, manifest, tarball) {
  const { name, version } = manifest;
  const file = `${name}-${version}.tgz`;
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  const shasum = createHash('sha1').update(tarball).digest('hex');
  const dist = { tarball: `${registry}/${name}/-/${file}`, integrity, shasum };
  const attachment = {
    content_type: 'application/octet-stream',
    data: tarball.toString('base64'),
    length: tarball.length,
  };
  const document = {
    _id: name,
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
    _attachments: { [file]: attachment },
  };
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${registry}/${name}`, { method: 'PUT', headers, body: JSON.stringify(document) });
  if (!response.ok) throw new Error(`verdaccio does not take the package: ${response.status} ${await response.text()}`);
}
