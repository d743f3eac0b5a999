// A real IIS: explicit credentials and single sign-on, plain and with channel bindings that the server requires.
// iis.ps1 makes the site and prints the variables that are read here. Any server of that kind will do: the EPA server
// of the lab is one.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createFetch } from '../../pkg/dist/node/index.js';

const { IIS_PLAIN, IIS_SECURE, IIS_CA, IIS_PATH = '/page.txt', IIS_USERNAME, IIS_PASSWORD } = process.env;
const tls = { ca: readFileSync(IIS_CA), checkServerIdentity: () => undefined };
const explicit = { username: IIS_USERNAME, password: IIS_PASSWORD };
const visit = async (origin, credentials, options = {}) => {
  const fetch = createFetch({ proxy: 'DIRECT', servers: [origin], credentials, tls, ...options });
  const response = await fetch(origin + IIS_PATH);
  return { status: response.status, bytes: (await response.arrayBuffer()).byteLength };
};

for (const [name, origin] of Object.entries({ plain: IIS_PLAIN, 'with channel bindings': IIS_SECURE })) {
  for (const [who, credentials] of Object.entries({ 'explicit credentials': explicit, 'single sign-on': 'system' })) {
    test(`${who}, ${name}`, async () => {
      const { status, bytes } = await visit(origin, credentials);
      assert.equal(status, 200);
      assert.ok(bytes > 0);
    });
  }
}

test('a wrong password', async () => {
  const wrong = { ...explicit, password: 'not this one' };
  await assert.rejects(visit(IIS_SECURE, wrong), { code: 'ERR_NTLM_REJECTED' });
});
