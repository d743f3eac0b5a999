// NtlmClient against another acceptor, token by token.

import assert from 'node:assert/strict';

/** Two rounds for NTLM; within Negotiate a last word of the acceptor, and perhaps an answer to it. @returns the acceptor's verdict */
export async function signOnTo(peer, client) {
  let verdict = await peer.step(client.negotiateBytes());
  for (let round = 0; round < 3 && verdict.token; round++) {
    const token = client.authenticateBytes(verdict.token);
    if (verdict.complete) break;
    verdict = await peer.step(token);
  }
  assert.ok(verdict.complete);
  assert.ok(client.done);
  return verdict;
}
