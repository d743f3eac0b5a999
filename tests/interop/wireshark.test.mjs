// Wireshark's dissector reads the tokens of NtlmClient and NtlmServer as they were meant.

import assert from 'node:assert/strict';
import { acceptorOptions } from './lib/acceptor.mjs';
import { goodUsers, lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { NtlmClient, NtlmServer } from 'ntlm-wasm';
import { dissect } from './lib/wireshark.mjs';

const TABLE = 'Tokens as Wireshark reads them';

async function handshake(options) {
  const client = new NtlmClient(options);
  const server = new NtlmServer(acceptorOptions());
  const negotiate = client.negotiateBytes();
  const challenge = server.challengeBytes(negotiate);
  const authenticate = client.authenticateBytes(challenge);
  return dissect([negotiate, challenge, authenticate].map((token) => Buffer.from(token)));
}

for (const mechanism of ['ntlm', 'negotiate']) {
  const row = mechanism === 'ntlm' ? 'NTLM' : 'within Negotiate';

  cell(TABLE, `${row}: names`, 'tshark', async () => {
    for (const { name, domain, password } of goodUsers) {
      const [, challenge, authenticate] = await handshake({
        username: name,
        domain,
        password,
        workstation: 'DESK',
        mechanism,
      });
      assert.deepEqual(challenge['ntlmssp.challenge.target_name'], [lab.domain]);
      assert.deepEqual(authenticate['ntlmssp.auth.username'], [name]);
      assert.deepEqual(authenticate['ntlmssp.auth.domain'], [domain]);
      assert.deepEqual(authenticate['ntlmssp.auth.hostname'], ['DESK']);
    }
  });

  cell(TABLE, `${row}: as Windows sends it`, 'tshark', async () => {
    const { name: username, password } = lab.users.alice;
    const channelBindings = { hash: Buffer.alloc(16, 9) };
    const targetName = 'HTTP/www.corp.example';
    const [negotiate, , authenticate] = await handshake({ username, password, targetName, channelBindings, mechanism });
    assert.deepEqual(negotiate['ntlmssp.negotiateflags'], ['0xa2088207']);
    assert.deepEqual(authenticate['ntlmssp.auth.lmresponse'], [Array(24).fill('00').join(':')]);
    const pairs = authenticate['ntlmssp.ntlmv2_response.item.type'].map(Number);
    assert.deepEqual(pairs.slice(-6), [7, 6, 8, 10, 9, 0]);
    assert.deepEqual(authenticate['ntlmssp.ntlmv2_response.target_name'], [targetName]);
    assert.ok(authenticate['ntlmssp.authenticate.mic']);
  });
}
