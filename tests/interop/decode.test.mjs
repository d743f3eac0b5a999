// decode() agrees with Wireshark, field by field, on what real clients and servers sent.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import { handshakeWith } from './lib/acceptor.mjs';
import { CLIENTS } from './lib/http-clients.mjs';
import { startHttpAcceptor } from './lib/http-acceptor.mjs';
import { lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';
import { decode } from 'ntlm-wasm';
import { closePeers, openPeer } from './lib/peers.mjs';
import { dissect } from './lib/wireshark.mjs';

after(closePeers);

const TABLE = 'decode agrees with Wireshark';
const { alice, jurgen } = lab.users;

async function httpHandshake({ fetch, isProxy, scheme }) {
  const acceptor = await startHttpAcceptor({ isProxy, scheme });
  try {
    if (isProxy) await fetch('http://origin.test/', alice, acceptor.url);
    else await fetch(acceptor.url, alice);
    return acceptor.handshakes[0];
  } finally {
    await acceptor.close();
  }
}

async function peerHandshake(name) {
  const peer = await openPeer(name, 'client', {
    username: jurgen.name,
    domain: jurgen.domain,
    password: jurgen.password,
  });
  try {
    return await handshakeWith(peer);
  } finally {
    await peer.close();
  }
}

const colons = (hex) => hex.replace(/..(?=.)/g, '$&:');
const flags = (value) => `0x${(value >>> 0).toString(16).padStart(8, '0')}`;

const INFO = {
  nbComputerName: 'nb_computer_name',
  nbDomainName: 'nb_domain_name',
  dnsComputerName: 'dns_computer_name',
  dnsDomainName: 'dns_domain_name',
  dnsTreeName: 'dns_tree_name',
  targetName: 'target_name',
};

function agree(message, decoded, seen) {
  const sameInfo = (place, info) => {
    for (const [name, theirs] of Object.entries(INFO)) {
      const value = info[name] === undefined ? undefined : [info[name] || 'NULL'];
      assert.deepEqual(seen[`ntlmssp.${place}.${theirs}`], value, name);
    }
  };
  const same = (field, value) => assert.deepEqual(seen[`ntlmssp.${field}`], [value], field);
  same('negotiateflags', flags(decoded.negotiateFlags));
  if (message === 2) {
    same('challenge.target_name', decoded.targetName);
    same('ntlmserverchallenge', colons(decoded.serverChallenge));
    sameInfo('challenge.target_info', decoded.targetInfo);
  }
  if (message === 3) {
    same('auth.username', decoded.userName);
    same('auth.domain', decoded.domainName || 'NULL');
    same('auth.hostname', decoded.workstation || 'NULL');
    // of an empty response Wireshark shows the descriptor
    if (decoded.lmChallengeResponse) same('auth.lmresponse', colons(decoded.lmChallengeResponse));
    same('auth.ntresponse', colons(decoded.ntChallengeResponse));
    sameInfo('ntlmv2_response', decoded.targetInfo);
    if (decoded.encryptedRandomSessionKey) same('auth.sesskey', colons(decoded.encryptedRandomSessionKey));
  }
}

const SOURCES = [
  ...['pyspnego', 'gss-ntlmssp', 'samba', 'impacket'].map((name) => ({ name, capture: () => peerHandshake(name) })),
  ...CLIENTS.map((client) => ({ ...client, capture: () => httpHandshake(client) })),
];

for (const { name, scheme, capture } of SOURCES) {
  cell(TABLE, name, 'tshark', async () => {
    const { negotiate, challenge, authenticate } = await capture();
    const tokens = [negotiate, Buffer.from(challenge, 'base64'), authenticate];
    const seen = await dissect(tokens);
    assert.equal(seen.length, 3);
    tokens.forEach((token, i) => {
      const decoded = decode(token);
      assert.equal(decoded.type, scheme === 'Negotiate' ? 'spnego' : i + 1);
      agree(i + 1, decoded, seen[i]);
    });
  });
}
