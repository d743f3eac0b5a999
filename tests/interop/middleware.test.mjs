// express and fastify servers with ntlmAuth, and real clients. A function supplies the passwords, or winbind asks the domain
// controller.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { test } from 'node:test';
import { promisify } from 'node:util';
import express from 'express';
import fastify from 'fastify';
import { createFetch, NtlmAgent, ntlmAuth } from 'ntlm-wasm/node';
import { CLIENTS } from './lib/http-clients.mjs';
import { lab } from './lib/lab.mjs';
import { cell } from './lib/matrix.mjs';

const TABLE = 'ntlmAuth with clients';
const { alice } = lab.users;

const answer = ({ DomainName, UserName }) => `signed in as ${DomainName}\\${UserName}\n`;

/** Servers that answer with the user in `ntlm`. */
const FRAMEWORKS = {
  async express(middleware) {
    const app = express();
    app.use(middleware);
    app.get('/', (req, res) => res.send(answer(req.ntlm)));
    return http.createServer(app);
  },
  async fastify(middleware) {
    let server;
    const app = fastify({ serverFactory: (handler) => (server = http.createServer(handler)) });
    app.addHook('onRequest', (request, reply, done) => middleware(request.raw, reply.raw, done));
    app.get('/', (request, reply) => reply.send(answer(request.raw.ntlm)));
    await app.ready();
    return server;
  },
};

const VERDICTS = {
  account: { account: ({ username }) => (username.toLowerCase() === alice.name ? alice : undefined) },
  system: { verify: 'system', helper: ['ntlm_auth', `--configfile=${lab.helper_smb_conf}`] },
};

/** Clients of others that authenticate to servers, and ours. */
const VISITORS = [
  ...CLIENTS.filter(({ name }) => /^(curl|requests-ntlm|Chromium|curl, Negotiate|Chromium, Negotiate)$/.test(name)),
  { name: 'createFetch', fetch: (url, user) => ours(url, user) },
  { name: 'createFetch, Negotiate', scheme: 'Negotiate', fetch: (url, user) => ours(url, user) },
  { name: 'NtlmAgent', fetch: byAgent },
];

const credentialsOf = ({ domain, name: username, password }) => ({ domain, username, password });

async function ours(url, user) {
  const response = await createFetch({ proxy: 'direct', servers: [url], credentials: credentialsOf(user) })(url);
  return response.text();
}

async function byAgent(url, user) {
  const agent = new NtlmAgent({ proxy: 'direct', servers: [url], credentials: credentialsOf(user) });
  try {
    const [response] = await once(http.get(url, { agent }), 'response');
    let text = '';
    for await (const piece of response.setEncoding('utf8')) text += piece;
    return text;
  } finally {
    agent.destroy();
  }
}

async function serve(framework, options, scheme = 'NTLM') {
  const failures = [];
  const onFailure = (error) => failures.push(error);
  const server = await FRAMEWORKS[framework](ntlmAuth({ ...options, schemes: [scheme], onFailure }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://localhost:${server.address().port}/`,
    failures,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

for (const framework of Object.keys(FRAMEWORKS)) {
  for (const [verdict, options] of Object.entries(VERDICTS)) {
    for (const { name, scheme, fetch } of VISITORS) {
      cell(TABLE, `${framework}, ${verdict}`, name, async () => {
        const server = await serve(framework, options, scheme);
        try {
          const seen = await fetch(server.url, alice);
          assert.ok(seen.toLowerCase().includes(`signed in as ${alice.domain}\\${alice.name}`.toLowerCase()), seen);
        } finally {
          server.close();
        }
      });
    }
  }
}

test('an unknown user is rejected once, with the reason of the domain controller', async () => {
  const server = await serve('express', VERDICTS.system);
  const args = ['-sS', '--ntlm', '-u', 'nobody-of-this-name:x', '-w', '%{http_code}', server.url];
  try {
    assert.equal((await promisify(execFile)('curl', args)).stdout, '401');
    assert.equal(server.failures.length, 1);
    assert.equal(server.failures[0].code, 'ERR_NTLM_VERIFY_REJECTED');
    assert.match(server.failures[0].message, /NT_STATUS_/);
  } finally {
    server.close();
  }
});
