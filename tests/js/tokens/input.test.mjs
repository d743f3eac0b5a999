/** Whatever is passed in: a coded error, or an answer; never a trap, and the same instance goes on working. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { channelBindings, NtlmClient, NtlmError, NtlmServer, ntHash } from 'ntlm-wasm';

const account = () => ({ password: 'secret' });
const alice = (more) => new NtlmClient({ username: 'CORP\\alice', password: 'secret', ...more });

/** Calls and insists on a coded error. */
function refused(call, code) {
  assert.throws(call, (error) => {
    assert.ok(error instanceof NtlmError, inspect(error));
    assert.match(error.code, /^ERR_NTLM_[A-Z0-9_]+$/);
    assert.ok(error.message.length > 10 && error.advice.length > 10, inspect(error));
    if (code !== undefined) assert.equal(error.code, code);
    return true;
  });
}

/** Calls; what it throws must be a coded error. */
function tolerated(call) {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof NtlmError, inspect(error));
  }
}

async function handshake(client, server) {
  const challenge = server.challenge(client.negotiate());
  return server.authenticate(client.authenticate(challenge));
}

const wrong = [null, undefined, 0, 1, NaN, 1n, true, {}, [], () => 1, Symbol('x'), new Date(), new Uint16Array(3)];

test('wrong types are refused by every function', () => {
  for (const value of wrong) {
    refused(() => alice().authenticate(value));
    refused(() => alice().authenticateBytes(value));
    refused(() => new NtlmServer({ account }).challenge(value));
    refused(() => ntHash(value), 'ERR_NTLM_INVALID_OPTION');
    refused(() => channelBindings(value), 'ERR_NTLM_BAD_CERTIFICATE');
    refused(() => new NtlmServer(value));
    if (typeof value !== 'function' && !(value instanceof Object)) refused(() => new NtlmClient(value));
  }
});

test('wrong options are named, and their values are not repeated', () => {
  const secret = 'correct horse battery staple';
  const options = {
    username: 5,
    password: {},
    ntHash: 7,
    domain: 1,
    workstation: [],
    mechanism: secret,
    targetName: 3,
    channelBindings: 5,
    lmCompatibilityLevel: 6,
    mic: secret,
    sign: secret,
    seal: 1,
    version: 10,
    oemEncoding: 437,
    flags: 'x',
    random: 4,
    now: 5,
  };
  for (const [name, value] of Object.entries(options)) {
    try {
      alice({ [name]: value });
      assert.fail(`${name} was accepted`);
    } catch (error) {
      assert.ok(error instanceof NtlmError, `${name}: ${inspect(error)}`);
      assert.ok(!inspect(error).includes(secret));
    }
  }
  refused(() => alice({ version: '10' }), 'ERR_NTLM_INVALID_OPTION');
  refused(() => alice({ oemEncoding: 'cp0' }), 'ERR_NTLM_INVALID_OPTION');
  for (const hash of ['', 'xyz', new Uint8Array(15)]) {
    refused(() => new NtlmClient({ username: 'a', ntHash: hash }), 'ERR_NTLM_INVALID_HASH');
  }
  refused(() => new NtlmClient({ username: 'a' }), 'ERR_NTLM_INVALID_OPTION');
});

test('invalid randomness is refused', () => {
  const challenge = new NtlmServer({ account }).challenge(alice().negotiate());
  const sources = [
    () => 5,
    () => new Uint8Array(3),
    () => undefined,
    () => {
      throw new Error('none');
    },
  ];
  for (const random of sources) refused(() => alice({ random }).authenticate(challenge), 'ERR_NTLM_NO_RANDOMNESS');
});

test('tokens cut at every length and changed at every byte', async () => {
  const client = alice();
  const server = new NtlmServer({ account });
  const negotiate = client.negotiateBytes();
  const challenge = server.challengeBytes(negotiate);
  const authenticate = client.authenticateBytes(challenge);
  for (const token of [negotiate, challenge, authenticate]) {
    for (let length = 0; length < token.length; length++) {
      tolerated(() => client.authenticateBytes(token.subarray(0, length)));
      tolerated(() => server.challengeBytes(token.subarray(0, length)));
    }
    for (let at = 0; at < token.length; at++) {
      const changed = token.slice();
      changed[at] ^= 0xff;
      tolerated(() => client.authenticateBytes(changed));
      tolerated(() => server.challengeBytes(changed));
    }
  }
  for (const noise of [randomBytes(65_536), randomBytes(65_536).toString('base64'), 'NTLM ' + 'A'.repeat(65_536)]) {
    refused(() => client.authenticate(noise));
    refused(() => server.challenge(noise));
  }
  assert.equal((await handshake(client, server)).username, 'alice');
});

test('a damaged message 3 is refused, and its server can challenge again', async () => {
  const client = alice();
  const server = new NtlmServer({ account });
  for (let at = 0; at < 200; at += 7) {
    const challenge = server.challengeBytes(client.negotiateBytes());
    const message = client.authenticateBytes(challenge);
    message[at] ^= 1;
    await assert.rejects(server.authenticate(message), NtlmError);
  }
  assert.equal((await handshake(client, server)).domain, 'CORP');
});

test('an argument that is too long is a coded error, and the module continues to work', async () => {
  const text = 'A'.repeat(2 ** 26 + 1);
  const bytes = new Uint8Array(2 ** 26 + 1);
  const server = new NtlmServer({ account });
  const client = alice({ sign: true, seal: true });
  const { session } = await handshake(client, server);
  const tooLong = [
    () => alice().authenticate(text),
    () => alice().authenticate(bytes),
    () => alice().authenticateBytes(bytes),
    () => server.challenge(text),
    () => server.challengeBytes(bytes),
    () => ntHash(text),
    () => channelBindings(bytes),
    () => session.wrap(bytes),
    () => session.verify(new Uint8Array(1), bytes),
    () => alice({ workstation: 'w'.repeat(32_768) }),
    () => alice({ password: text }),
    () => new NtlmServer({ account, targetNames: Array.from({ length: 5000 }, () => 'HTTP/a') }),
  ];
  for (const call of tooLong) refused(call, 'ERR_NTLM_TOO_LONG');
  await assert.rejects(server.authenticate(text), { code: 'ERR_NTLM_TOO_LONG' });
  class Lying extends Uint8Array {
    get length() {
      return 2 ** 31;
    }
  }
  refused(() => alice().authenticate(new Lying(30)), 'ERR_NTLM_INVALID_OPTION');
  assert.equal((await handshake(alice(), server)).username, 'alice');
});

test('a session survives the next handshake of its client', async () => {
  for (const mechanism of ['ntlm', 'negotiate']) {
    const client = alice({ mechanism, seal: true });
    const finish = async () => {
      const accepted = await handshake(client, new NtlmServer({ account }));
      if (accepted.token !== undefined) client.authenticate(accepted.token);
      return [client.session, accepted.session];
    };
    const pairs = [await finish(), await finish()];
    client.reset();
    assert.equal(client.session, undefined);
    for (const [near, far] of pairs) {
      assert.equal(Buffer.from(far.unwrap(near.wrap(Buffer.from('to')))).toString(), 'to');
      assert.equal(Buffer.from(near.unwrap(far.wrap(Buffer.from('fro')))).toString(), 'fro');
    }
  }
});

test('text that is not base64 is refused, whichever decoder reads it', () => {
  const base64 = new NtlmServer({ account }).challenge(alice().negotiate());
  const damaged = ['-', '_', '!', '\u0141', '\u{1f511}', '=A'].map(
    (text) => base64.slice(0, 40) + text + base64.slice(41),
  );
  for (const text of [...damaged, `${base64.slice(0, 40)}=`, 'A']) {
    refused(() => alice().authenticate(text), 'ERR_NTLM_BAD_BASE64');
  }
  const wrapped = base64.replace(/.{60}/g, '$&\r\n');
  for (const text of [wrapped, base64.replaceAll('=', '')])
    assert.ok(alice().authenticate(text).startsWith('TlRMTVNT'));
});

test('in datagram mode message 3 protects message 1 whenever it was created', () => {
  const [DATAGRAM, USUAL] = [0x40, 0xa2088207];
  const fixed = { random: (length) => new Uint8Array(length), now: () => new Date(0), flags: (USUAL | DATAGRAM) >>> 0 };
  const challenge = new NtlmServer({ account }).challenge(alice().negotiate());
  const client = alice(fixed);
  const answers = [1, 2].map(() => [client.negotiate(), client.authenticate(challenge)].join());
  assert.equal(answers[0], answers[1]);
  assert.notEqual(answers[0], [client.negotiate(), alice(fixed).authenticate(challenge)].join());
});

test('a challenge can be answered once', async () => {
  const client = alice();
  const server = new NtlmServer({ account });
  const message = client.authenticate(server.challenge(client.negotiate()));
  assert.equal(server.awaits, 'authenticate');
  await server.authenticate(message);
  assert.equal(server.awaits, 'negotiate');
  await assert.rejects(server.authenticate(message), { code: 'ERR_NTLM_OUT_OF_ORDER' });
});

test('what an account callback throws or forgets comes through', async () => {
  const failing = new NtlmServer({
    account: () => {
      throw new RangeError('directory is down');
    },
  });
  await assert.rejects(handshake(alice(), failing), RangeError);
  await assert.rejects(handshake(alice(), new NtlmServer({ account: async () => undefined })), {
    code: 'ERR_NTLM_UNKNOWN_ACCOUNT',
  });
  await assert.rejects(handshake(alice(), new NtlmServer({ account: () => ({}) })), {
    code: 'ERR_NTLM_INVALID_OPTION',
  });
});

test('errors hold across copies of the package and hold nothing secret', () => {
  const foreign = Object.assign(new Error('x'), { [Symbol.for('ntlm-wasm.NtlmError')]: true });
  assert.ok(foreign instanceof NtlmError);
  assert.ok(!(new Error('x') instanceof NtlmError));
  assert.ok(!inspect(alice(), { showHidden: true, depth: 9 }).includes('secret'));
});
