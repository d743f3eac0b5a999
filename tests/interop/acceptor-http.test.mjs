// NtlmServer behind HTTP with real clients: as an origin and as a proxy.

import assert from 'node:assert/strict';
import { refusesEveryFlip } from './lib/flips.mjs';
import { CLIENTS } from './lib/http-clients.mjs';
import { startHttpAcceptor } from './lib/http-acceptor.mjs';
import { lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';

const TABLE = 'NtlmServer with clients';
const { alice } = lab.users;

for (const { name, scheme, isProxy, withMic, fetch, domain = alice.domain } of CLIENTS) {
  const visit = async (user, options) => {
    const acceptor = await startHttpAcceptor({ isProxy, scheme, options });
    try {
      const seen = isProxy
        ? await fetch('http://origin.test/page', user, acceptor.url)
        : await fetch(`${acceptor.url}/page`, user);
      return { seen, handshakes: acceptor.handshakes };
    } finally {
      await acceptor.close();
    }
  };

  let genuine; // browsers take seconds to start: one visit serves two cells
  const signOn = () => (genuine ??= visit(alice));

  cell(TABLE, 'authenticates', name, async () => {
    const { seen, handshakes } = await signOn();
    assert.ok(seen.includes(`signed on as ${domain}\\${alice.name}`), seen);
    // A browser on a busy machine opens a second connection when the first is slow.
    assert.ok(handshakes.length >= 1 && handshakes.length <= 2, `${handshakes.length} handshakes`);
    assert.equal(handshakes[0].identity.ntlmVersion, 'NTLMv2');
  });

  cell(TABLE, 'wrong password refused', name, async () => {
    const { seen, handshakes } = await visit({ ...alice, password: 'not the password' });
    assert.doesNotMatch(seen, /signed on/);
    assert.ok(handshakes.length >= 1);
    for (const { error } of handshakes) assert.equal(error.code, 'ERR_NTLM_PROOF_MISMATCH');
  });

  cell(TABLE, 'any flipped bit refused', name, async () => {
    const { handshakes } = await signOn();
    assert.equal(handshakes[0].identity.mic, withMic);
    assert.equal((await refusesEveryFlip(handshakes[0])) === 0, withMic);
  });

  cell(TABLE, 'MIC demanded', name, async () => {
    const { seen, handshakes } = await visit(alice, { requireMic: true });
    assert.equal(/signed on/.test(seen), withMic);
    if (!withMic) assert.equal(handshakes[0].error.code, 'ERR_NTLM_MIC_MISSING');
  });
}
