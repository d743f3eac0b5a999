/**
 * The worker with a proxy that costs little: it challenges each connection once, accepts any answer, and sends `/bytes/N` itself. It listens
 * on a second port that keeps connections open and says nothing.
 */
import { createServer } from 'node:net';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import { account } from '../lib/account.mjs';
import { serveQuestions } from '../lib/worker-process.mjs';

const PIECE = Buffer.alloc(65_536, 'x');
const names = {
  netbiosDomain: 'CORP',
  netbiosComputer: 'SERVER',
  dnsDomain: 'corp.example',
  dnsComputer: 'server.corp.example',
};
const challenge = new NtlmServer({ ...names, account: () => account }).challenge(new NtlmClient(account).negotiate());
const CHALLENGE = `HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: NTLM ${challenge}\r\nContent-Length: 0\r\n\r\n`;

const proxy = createServer({ noDelay: true }, (socket) => {
  let text = '';
  let authenticated = false;
  socket.on('error', () => {});
  socket.on('data', async (chunk) => {
    text += chunk.toString('latin1');
    for (let end = text.indexOf('\r\n\r\n'); end !== -1; end = text.indexOf('\r\n\r\n')) {
      const head = text.slice(0, end);
      text = text.slice(end + 4);
      // Message 1 is shorter than any message 3.
      authenticated ||= /^proxy-authorization: ntlm \S{120}/im.test(head);
      if (!authenticated) socket.write(CHALLENGE);
      else await send(socket, Number(/\/bytes\/(\d+)/.exec(head)[1]));
    }
  });
});

async function send(socket, bytes) {
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`;
  if (bytes <= PIECE.length) {
    socket.write(Buffer.concat([Buffer.from(head), PIECE.subarray(0, bytes)]));
    return;
  }
  socket.write(head);
  for (let left = bytes; left > 0 && !socket.destroyed; left -= PIECE.length) {
    if (socket.write(PIECE.subarray(0, Math.min(left, PIECE.length)))) continue;
    await new Promise((resolve) => socket.once('drain', resolve).once('close', resolve));
  }
}

const silent = createServer((socket) => socket.on('error', () => {}).resume());
const ports = await Promise.all(
  [proxy, silent].map(
    (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', 4096, () => resolve(server.address().port))),
  ),
);

await serveQuestions(() => ({ proxy: `http://127.0.0.1:${ports[0]}`, silent: `127.0.0.1:${ports[1]}` }));
