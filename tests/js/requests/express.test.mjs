/** Real servers of Node's ecosystem: Express with a route that only POST reaches, and with a link that works once. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import express from 'express';
import ntlm from 'express-ntlm';
import { clients } from './clients.mjs';

let users = 0;

async function serve(t, application) {
  const server = application.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => (server.closeAllConnections(), server.close()));
  return `http://127.0.0.1:${server.address().port}`;
}

function clientFor(t, name, url) {
  users += 1;
  const credentials = { username: `CORP\\express${users}`, password: 'Passw0rd!' };
  const client = clients[name]({ proxy: 'direct', servers: [url], credentials });
  t.after(async () => (await client).close());
  return client;
}

for (const name of Object.keys(clients)) {
  test(`${name}: an NTLM route for POST alone, where Express answers HEAD with 404`, async (t) => {
    const seen = [];
    const application = express();
    application.post('/api', ntlm(), (request, response) => {
      let bytes = 0;
      request.on('data', (chunk) => (bytes += chunk.length));
      request.on('end', () => (seen.push(bytes), response.end(request.ntlm.UserName)));
    });
    const url = await serve(t, application);
    const client = await clientFor(t, name, url);
    for (const kind of ['small', 'large', 'streamed']) {
      const fresh = await clientFor(t, name, url);
      for (const one of [client, fresh]) {
        const { status, text } = await one.send(`${url}/api`, { method: 'POST', kind, headers: {} });
        assert.equal(status, 200, kind);
        assert.match(text, /^express\d+$/);
      }
    }
    assert.deepEqual(seen, [5, 5, 100_000, 100_000, 100_000, 100_000]);
  });

  test(`${name}: a link that works once, on a server that asks for nothing`, async (t) => {
    let runs = 0;
    const application = express();
    // Express runs the handler of GET for HEAD as well.
    application.get('/once', (_, response) => ((runs += 1), response.status(runs === 1 ? 200 : 410).end('file')));
    const url = await serve(t, application);
    const client = await clientFor(t, name, url);
    const { status, text } = await client.send(`${url}/once`, { method: 'GET', kind: 'none' });
    assert.deepEqual([status, text, runs], [200, 'file', 1]);
  });
}
