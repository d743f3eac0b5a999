/** A server that closes after its first challenge, behind whose address the next connection finds another certificate. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:tls';
import { test } from 'node:test';
import { NtlmServer } from 'ntlm-wasm';
import { selfSignedCertificate } from '../internals.mjs';
import { adapters } from './both.mjs';
import { credentials } from './servers.mjs';

/** `verdict` is that on message 3, whose binding must be that of the second certificate. */
async function startTwoFaced(t) {
  const [first, second] = [selfSignedCertificate(), selfSignedCertificate()];
  const origin = { connections: 0, verdict: undefined };
  const server = createServer(first, (socket) => {
    origin.connections += 1;
    const isFirst = origin.connections === 1;
    server.setSecureContext(second);
    const policy = { channelBindings: second.cert, channelBindingPolicy: 'required' };
    const acceptor = new NtlmServer({ account: () => ({ password: credentials.password }), ...policy });
    socket.on('error', () => {});
    socket.on('data', async (chunk) => {
      const token = /\r\nAuthorization: NTLM (\S+)/i.exec(chunk.toString('latin1'))?.[1];
      const refuse = (challenge, connection) =>
        socket.write(
          `HTTP/1.1 401 No\r\nWWW-Authenticate: NTLM${challenge}\r\nContent-Length: 0\r\nConnection: ${connection}\r\n\r\n`,
        );
      if (isFirst) return refuse('', 'close') && socket.end();
      if (token === undefined) return refuse('', 'keep-alive');
      if (acceptor.awaits === 'negotiate') return refuse(` ${acceptor.challenge(token)}`, 'keep-alive');
      origin.verdict = await acceptor.authenticate(token).then(
        () => 'accepted',
        ({ code }) => code,
      );
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  origin.url = `https://127.0.0.1:${server.address().port}`;
  return origin;
}

for (const [name, clientWith] of Object.entries(adapters)) {
  test(`${name}: a handshake is bound to the certificate of the connection that it ends on`, async (t) => {
    const origin = await startTwoFaced(t);
    const client = clientWith(t, { servers: [origin.url], tls: { rejectUnauthorized: false } });
    assert.equal((await client.send(`${origin.url}/`)).status, 200);
    assert.deepEqual([origin.connections, origin.verdict], [2, 'accepted']);
  });
}
