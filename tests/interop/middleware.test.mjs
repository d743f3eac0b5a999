// Servers with our middleware, and clients of others: curl, requests-ntlm. Winbind and the domain controller verify.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { createFetch, ntlmAuth } from 'ntlm-wasm/node';
import { goodUsers, lab } from './lib/lab.mjs';

const run = promisify(execFile);
const [user] = goodUsers;
const { name } = user;
const failures = [];
let server;
let url;

before(async () => {
  const middleware = ntlmAuth({
    verify: 'system',
    helper: ['ntlm_auth', `--configfile=${lab.helper_smb_conf}`],
    schemes: ['NTLM', 'Negotiate'],
    onFailure: (error) => failures.push(error),
  });
  server = http.createServer((req, res) => middleware(req, res, () => res.end(JSON.stringify(req.ntlm))));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${server.address().port}/`;
});

after(() => {
  server.closeAllConnections();
  server.close();
});

test('our client is verified by the domain', async () => {
  const credentials = { username: name, password: user.password, domain: user.domain, workstation: 'PC1' };
  const response = await createFetch({ proxy: 'direct', servers: [url], credentials })(url);
  const seen = await response.json();
  assert.equal(seen.UserName.toLowerCase(), name.toLowerCase());
  assert.equal(seen.Workstation, 'PC1');
  assert.notEqual(seen.DomainName, '');
});

test('curl', async () => {
  const args = (kind) => ['-sS', kind, '-u', `${name}:${user.password}`, '-w', '%{http_code}', url];
  const { stdout } = await run('curl', args('--ntlm'));
  assert.match(stdout, /"Authenticated":true\}200$/);
});

test('requests-ntlm', async () => {
  const source = `
import sys, requests
from requests_ntlm import HttpNtlmAuth
session = requests.Session()
session.trust_env = False
session.auth = HttpNtlmAuth(sys.argv[2], sys.stdin.readline().rstrip("\\n"))
for _ in range(2):
    response = session.get(sys.argv[1])
    print(response.status_code, response.json()["UserName"].lower())
`;
  const child = execFile(lab.python, ['-c', source, url, name], { encoding: 'utf8' });
  let out = '';
  let err = '';
  child.stdout.on('data', (piece) => (out += piece));
  child.stderr.on('data', (piece) => (err += piece));
  child.stdin.end(`${user.password}\n`);
  await once(child, 'close');
  assert.equal(out, `200 ${name.toLowerCase()}\n`.repeat(2), err);
});

test('a wrong password is rejected once, and the log has the reason of the domain', async () => {
  failures.length = 0;
  const { stdout } = await run('curl', ['-sS', '--ntlm', '-u', 'nobody-of-this-name:x', '-w', '%{http_code}', url]);
  assert.equal(stdout, '401');
  assert.equal(failures.length, 1);
  assert.equal(failures[0].code, 'ERR_NTLM_VERIFY_REJECTED');
  assert.match(failures[0].message, /NT_STATUS_/);
});
