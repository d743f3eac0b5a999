// The types of the packed package, as strict consumers compile them.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Consumer, tools } from './consumer.mjs';

const consumer = new Consumer();
after(() => consumer.remove());
consumer.link('@types/node');
consumer.link('undici-types');

const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: false,
  target: 'es2022',
  lib: ['es2022'],
};

/** Compiles `text` in a separate folder, so that one consumer's sources are not another's. */
function compile(name, text, options, manifest = {}) {
  consumer.write(`${name}/package.json`, JSON.stringify({ private: true, ...manifest }));
  const file = `consumer.${name.startsWith('common') ? 'cts' : 'ts'}`;
  consumer.write(`${name}/${file}`, text);
  consumer.write(
    `${name}/tsconfig.json`,
    JSON.stringify({ compilerOptions: { ...strict, ...options }, files: [file] }),
  );
  return consumer.node(join(tools, 'typescript', 'bin', 'tsc'), '--project', join(consumer.dir, name));
}

const tokens = `
  import { channelBindings, decode, NtlmClient, NtlmError, NtlmServer, ntHash, type Decoded } from 'ntlm-wasm';
  const client = new NtlmClient({ username: 'alice', password: 'secret', domain: 'CORP', channelBindings: new Uint8Array(3) });
  const first: string = client.negotiate();
  const third: Uint8Array = client.authenticateBytes(first);
  const version: 'NTLMv1' | 'NTLM2 session' | 'NTLMv2' | undefined = client.ntlmVersion;
  const sealed: { sealed: Uint8Array; signature: Uint8Array } | undefined = client.session?.seal(third);
  const decoded: Decoded = decode(third);
  const server = new NtlmServer({ account: ({ username }) => (username === 'alice' ? { password: 'secret' } : undefined) });
  const identity: Promise<{ username: string }> = server.authenticate(server.challenge(first));
  export const all = [version, sealed, decoded, identity, ntHash('secret').length, channelBindings(''), new NtlmError('ERR', 'text').code];
  // @ts-expect-error a number is no password
  new NtlmClient({ password: 1 });
  // @ts-expect-error nothing is assigned to what is read only
  client.done = true;
`;

const network = `
  import { createFetch, startServer } from 'ntlm-wasm/node';
  import 'ntlm-wasm/register';
  const proxied: typeof fetch = createFetch({ proxy: 'http://127.0.0.1:3128', credentials: { username: 'alice', password: 'secret' } });
  export const url: Promise<string> = startServer({ role: 'both' }).then((server) => server.url);
  export const status: Promise<number> = proxied('http://127.0.0.1/').then((response) => response.status);
  // @ts-expect-error there is no such option
  createFetch({ proxies: 'http://127.0.0.1' });
`;

test('nodenext, ESM', () => {
  const options = { module: 'nodenext', moduleResolution: 'nodenext', types: ['node'] };
  assert.equal(compile('esm', tokens + network, options, { type: 'module' }), '');
});

test('nodenext, CommonJS with require() of ESM', () => {
  const text = `import ntlm = require('ntlm-wasm'); export const hash: Uint8Array = ntlm.ntHash('secret');`;
  assert.equal(compile('common', text, { module: 'nodenext', moduleResolution: 'nodenext', types: ['node'] }), '');
});

test('bundler resolution', () => {
  const options = { module: 'esnext', moduleResolution: 'bundler', types: ['node'] };
  assert.equal(compile('bundler', tokens + network, options), '');
});

test('a browser: tokens without the types of Node', () => {
  const options = { module: 'esnext', moduleResolution: 'bundler', types: [], lib: ['es2022', 'dom'] };
  assert.equal(compile('browser', tokens, options), '');
});
