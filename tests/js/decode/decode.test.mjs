// The decoder as JavaScript sees it: fields by their names, typed; trees whose ranges fit; findings that point to nodes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decode, findTokens, NtlmClient, NtlmServer } from 'ntlm-wasm';

const vectors = JSON.parse(readFileSync(new URL('../../vectors/ms-nlmp.json', import.meta.url), 'utf8'));
const published = (section, message) => {
  const found = Object.entries(vectors).find(([name]) => name.startsWith(section))[1];
  return Object.entries(found).find(([name]) => name.endsWith(message))[1];
};

const now = () => new Date('2026-01-02T03:04:05.678Z');

function handshake(options = {}) {
  const names = {
    netbiosDomain: 'CORP',
    netbiosComputer: 'SRV',
    dnsDomain: 'corp.example',
    dnsComputer: 'srv.corp.example',
  };
  const server = new NtlmServer({ ...names, account: () => ({ password: 'secret' }), now });
  const client = new NtlmClient({ username: 'CORP\\alice', password: 'secret', workstation: 'PC7', now, ...options });
  const negotiate = client.negotiate();
  const challenge = server.challenge(negotiate);
  return { negotiate, challenge, authenticate: client.authenticate(challenge) };
}

function check(node) {
  let at = node.start;
  for (const child of node.children) {
    assert.equal(child.start, at, child.id);
    at = child.end;
    check(child);
  }
  if (node.children.length > 0) assert.equal(at, node.end, node.id);
}

function ids(node, all = []) {
  for (const child of node.children) ids(child, all).push(child.id);
  return all;
}

test('the three messages, by the names of the specification', () => {
  const { negotiate, challenge, authenticate } = handshake();
  const [one, two, three] = [negotiate, challenge, authenticate].map((token) => decode(token));
  assert.deepEqual([one.type, two.type, three.type], [1, 2, 3]);
  assert.equal(one.negotiateFlags, 0xa2088207);
  assert.equal(two.targetName, 'CORP');
  assert.match(two.serverChallenge, /^[0-9a-f]{16}$/);
  assert.deepEqual(two.targetInfo, {
    nbDomainName: 'CORP',
    nbComputerName: 'SRV',
    dnsDomainName: 'corp.example',
    dnsComputerName: 'srv.corp.example',
    timestamp: '2026-01-02T03:04:05.678Z',
  });
  assert.deepEqual([three.userName, three.domainName, three.workstation], ['alice', 'CORP', 'PC7']);
  assert.equal(three.ntlmVersion, 'NTLMv2');
  assert.equal(three.lmChallengeResponse, '00'.repeat(24));
  assert.match(three.mic, /^[0-9a-f]{32}$/);
  assert.equal(three.targetInfo.flags, 2);
  assert.equal(three.version, '10.0.19041');
});

test('every form of input gives the same', () => {
  const { challenge } = handshake();
  const bytes = new Uint8Array(Buffer.from(challenge, 'base64'));
  const hex = Buffer.from(bytes).toString('hex');
  const expected = decode(challenge).tree;
  for (const form of [bytes, hex, hex.toUpperCase(), `WWW-Authenticate: NTLM ${challenge}`, `NTLM ${challenge}\r\n`]) {
    assert.deepEqual(decode(form).tree, expected);
  }
  const { source } = decode(`Proxy-Authenticate: Negotiate ${challenge}`);
  assert.deepEqual([source.header, source.scheme, source.form], ['Proxy-Authenticate', 'Negotiate', 'base64']);
});

test('SPNEGO shows its own fields and those of the message within', () => {
  const { negotiate, challenge, authenticate } = handshake({ mechanism: 'negotiate' });
  const first = decode(negotiate);
  assert.deepEqual([first.type, first.messageType], ['spnego', 1]);
  assert.deepEqual(first.mechTypes, ['1.3.6.1.4.1.311.2.2.10']);
  assert.equal(decode(challenge).negState, 'accept-incomplete');
  const last = decode(authenticate);
  assert.equal(last.userName, 'alice');
  assert.match(last.mechListMIC, /^01000000[0-9a-f]{24}$/);
});

test('ranges nest and cover, ids are unique, findings point to nodes or to what is missing', () => {
  for (const mechanism of ['ntlm', 'negotiate']) {
    for (const token of Object.values(handshake({ mechanism }))) {
      const { tree, bytes, findings } = decode(token);
      assert.deepEqual([tree.start, tree.end], [0, bytes.length / 2]);
      check(tree);
      const all = ids(tree);
      assert.equal(new Set(all).size, all.length);
      for (const { node } of findings) assert.ok(all.includes(node), node);
    }
  }
});

test('weaknesses are found', () => {
  const found = (token, options) => decode(token, options).findings.map(({ id }) => id);
  const old = found(published('4.2.2', 'AUTHENTICATE_MESSAGE'));
  assert.ok(old.includes('ntlmv1') && old.includes('lm-response'));
  const { authenticate, challenge } = handshake();
  assert.deepEqual(found(authenticate), ['no-channel-binding']);
  assert.ok(found(challenge).includes('names-disclosed'));
  const hash = { hash: new Uint8Array(16).fill(7) };
  assert.deepEqual(found(handshake({ channelBindings: hash }).authenticate), []);
  assert.ok(found(challenge, { now: new Date('2026-01-02T04:04:05Z') }).includes('clock-skew'));
  assert.ok(!found(challenge, { now: now() }).includes('clock-skew'));
});

test('flags that were taken away on the way', () => {
  const { negotiate, challenge } = handshake({ sign: true, seal: true });
  const weaker = Buffer.from(challenge, 'base64');
  weaker[20] &= ~0x30;
  const found = decode(new Uint8Array(weaker), { negotiate }).findings.find(({ id }) => id === 'downgraded-flags');
  assert.match(found.text, /NTLMSSP_NEGOTIATE_SEAL, NTLMSSP_NEGOTIATE_SIGN/);
  assert.ok(!decode(challenge, { negotiate }).findings.some(({ id }) => id === 'downgraded-flags'));
});

test('responses are marked, so that they can be masked', () => {
  const { tree } = decode(handshake().authenticate);
  const proof = tree.children.find(({ id }) => id === 'ntChallengeResponse');
  assert.equal(proof.sensitive, true);
  assert.equal(tree.children.find(({ id }) => id === 'userName').sensitive, undefined);
});

test('a token that is cut off says so, and never throws', () => {
  const whole = Buffer.from(handshake().authenticate, 'base64');
  for (let end = 8; end < whole.length; end++) {
    const { findings } = decode(new Uint8Array(whole.subarray(0, end)));
    assert.deepEqual([findings[0].severity, findings[0].id], ['broken', 'cut-off'], `cut at ${end}`);
  }
});

test('what holds no token is an error with a code', () => {
  for (const text of ['', 'hello', 'WWW-Authenticate: NTLM', 'Basic YWxpY2U6c2VjcmV0', new Uint8Array(100)]) {
    assert.throws(() => decode(text), { code: 'ERR_NTLM_NOT_NTLM' });
  }
  assert.throws(() => decode(undefined), { code: 'ERR_NTLM_INVALID_OPTION' });
});

test('all tokens of a conversation are found in their order', () => {
  const { negotiate, challenge, authenticate } = handshake();
  const log = `> Authorization: NTLM ${negotiate}\n< WWW-Authenticate: NTLM ${challenge}\n> Authorization: NTLM ${authenticate}\n`;
  const found = findTokens(log);
  assert.deepEqual(
    found.map(({ bytes }) => decode(bytes).type),
    [1, 2, 3],
  );
  assert.equal(log.slice(found[1].start, found[1].end), challenge);
  assert.equal(found[1].header, 'WWW-Authenticate');
  assert.deepEqual(findTokens('nothing here'), []);
});

test('the channel binding that was sent is the one that is shown', () => {
  const hash = new Uint8Array(16).fill(9);
  const { targetInfo } = decode(handshake({ channelBindings: { hash } }).authenticate);
  assert.equal(targetInfo.channelBindings, '09'.repeat(16));
});
