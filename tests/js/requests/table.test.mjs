/**
 * The origin carries out exactly what the caller asked for, once, whether or not anyone challenges: every combination of
 * roles, peers, answers to HEAD, methods, bodies and clients. Only an extra HEAD may come before a large or streamed body.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bodyText, clients } from './clients.mjs';
import { startPeer } from './peers.mjs';

const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
const ASKS = {
  always: () => true,
  never: () => false,
  'unsafe methods': (method) => UNSAFE.has(method),
  'some paths': (_, path) => path.startsWith('/secret'),
};
const HEADS = ['asks', 200, 302, 403, 404, 405, 500, 'never', 'closed'];
const CALLS = [
  ['GET', 'none'],
  ['OPTIONS', 'none'],
  ['DELETE', 'none'],
  ['POST', 'small'],
  ['POST', 'large'],
  ['POST', 'streamed'],
  ['PUT', 'small'],
  ['PUT', 'streamed'],
  ['PATCH', 'large'],
];

let user = 0;

async function cell(peer, role, name, method, kind, path) {
  user += 1;
  const credentials = { username: `user${user}`, password: 'right' };
  const options = role === 'proxy' ? { proxy: peer.url } : { proxy: 'direct', servers: [peer.url] };
  const origin = role === 'proxy' ? 'http://origin.example' : peer.url;
  const client = await clients[name]({ ...options, credentials });
  try {
    const answers = [];
    for (let turn = 1; turn <= 2; turn += 1) {
      const { status, text } = await client.send(`${origin}${path}/${turn}`, { method, kind });
      answers.push(`${status} ${text}`);
    }
    return answers;
  } finally {
    await client.close();
  }
}

// The peers that never answer HEAD cost 5 seconds each.
describe('each request is carried out once', { concurrency: 6 }, () => {
  for (const role of ['origin', 'proxy']) {
    for (const [asked, asks] of Object.entries(ASKS)) {
      for (const head of HEADS) {
        test(`${role} that challenges ${asked}, HEAD: ${head}`, async (t) => {
          const peer = await startPeer(t, { role, asks, head });
          const cells = [];
          for (const name of Object.keys(clients)) {
            for (const [method, kind] of CALLS) {
              for (const prefix of asked === 'some paths' ? ['/secret', '/open'] : ['/any']) {
                const path = `${prefix}/${name.replace(' ', '-')}/${method}/${kind}`;
                const run = cell(peer, role, name, method, kind, path).catch((error) => [
                  error.cause?.code ?? error.code ?? error,
                ]);
                cells.push(run.then((answers) => ({ method, kind, path, answers })));
              }
            }
          }
          for (const { method, kind, path, answers } of await Promise.all(cells)) {
            const body = bodyText(kind);
            const expected = `200 done ${method} ${body.length}`;
            const why = `${method} ${path}`;
            assert.deepEqual(answers, [expected, expected], why);
            const own = (kind === 'large' || kind === 'streamed') && head !== 'asks';
            const done = peer.executed.filter((entry) => entry.path.startsWith(`${path}/`));
            const counted = done.filter(
              (entry) => !(own || (kind !== 'none' && kind !== 'small')) || entry.method !== 'HEAD',
            );
            assert.deepEqual(
              counted.map((entry) => `${entry.method} ${entry.path} ${entry.body === body}`),
              [1, 2].map((turn) => `${method} ${path}/${turn} true`),
              why,
            );
          }
          assert.equal(peer.wrong, 0);
        });
      }
    }
  }
});
