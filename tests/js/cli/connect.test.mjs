import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { demoAccount, startServer } from '../../../pkg/dist/node/index.js';
import { run, start } from './run-cli.mjs';

const ALICE = { NTLM_USERNAME: demoAccount.username, NTLM_PASSWORD: demoAccount.password };
let proxy;
let echo;

before(async () => {
  proxy = await startServer({ hosts: { 'ssh.corp.example': '127.0.0.1' } });
  echo = createServer({ allowHalfOpen: true }, (socket) => {
    socket.write('SSH-2.0-echo\r\n');
    socket.on('error', () => {}).pipe(socket);
  });
  await once(echo.listen(0, '127.0.0.1'), 'listening');
});
after(async () => {
  echo.close();
  await proxy.close();
});

const connect = (operands, options) => run(['connect', '-x', proxy.url, ...operands], { env: ALICE, ...options });

test('bytes go both ways through the tunnel; the end of input is passed on', async () => {
  const input = 'x'.repeat(1_000_000);
  for (const operands of [
    [`ssh.corp.example:${echo.address().port}`],
    ['ssh.corp.example', String(echo.address().port)],
  ]) {
    const { code, out, err } = await connect(operands, { input });
    assert.equal(code, 0, err);
    assert.equal(out, `SSH-2.0-echo\r\n${input}`);
    assert.equal(err, '');
  }
});

test('the other end speaks first, and ends it', async (t) => {
  const server = createServer((socket) => socket.end('bye'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  const child = start(['connect', '-x', proxy.url, `ssh.corp.example:${server.address().port}`], { env: ALICE });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
  const [code] = await once(child, 'close');
  assert.deepEqual([code, out], [0, 'bye'], 'although standard input is still open');
});

test('a rejected password, a port without a listener, and invalid targets', async () => {
  const target = [`ssh.corp.example:${echo.address().port}`];
  const rejected = await connect(target, { env: { ...ALICE, NTLM_PASSWORD: 'wrong' } });
  assert.equal(rejected.code, 3);
  assert.match(rejected.err, /ERR_NTLM_REJECTED/);
  const closed = await connect(['ssh.corp.example:1']);
  assert.match(closed.err, /ERR_NTLM_TUNNEL_REFUSED/);
  assert.notEqual(closed.code, 0);
  for (const operands of [
    [],
    ['ssh.corp.example'],
    ['a', '22', 'c'],
    ['a:0'],
    ['a:99999'],
    ['http://a:22'],
    ['u@a:22'],
  ]) {
    const { code, err } = await connect(operands);
    assert.equal(code, 2, operands.join(' '));
    assert.match(err, /HOST:PORT/);
  }
});
