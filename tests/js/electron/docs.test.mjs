/** The examples of docs/electron.md, with stand-ins for Electron and for the operating system. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { certificateFile, credentials, serve } from '../clients/servers.mjs';

const run = promisify(execFile);
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const page = readFileSync(here('../../../pkg-template/docs/electron.md'), 'utf8');

/** The programs of the page, each with the heading above it. */
const examples = page.split(/^## /m).flatMap((section) => {
  const [title] = section.split('\n');
  return [...section.matchAll(/^```js\n(.*?)^```/gms)].map(([, code], index) => ({ title, index, code }));
});

/** What each program prints, and how often it authenticates; all others fetch a page. */
const SPECIAL = {
  'What Chromium does': { output: 'allowed *corp.example\n', handshakes: 0 },
  'electron-updater': {
    output: `allowed *corp.example\nupdater ${credentials.username} ${credentials.password}\n`,
    handshakes: 0,
  },
};
const FETCHED = { output: '200\n', handshakes: 1 };

for (const { title, index, code } of examples) {
  test(`"${title}", example ${index + 1}`, async (t) => {
    const { server: proxy } = await serve(t);
    const { server: open } = await serve(t, { role: 'none', tls: true });
    const program = code.replaceAll('https://www.example.com', open.url);
    const { stdout } = await run(
      process.execPath,
      ['--import', './stand-ins.mjs', '--input-type=module', '--eval', program],
      {
        cwd: here('.'),
        timeout: 20_000,
        env: {
          PATH: process.env.PATH,
          NTLM_ADDON: here('../system/stand-in.cjs'),
          NTLM_USERNAME: credentials.username,
          NTLM_PASSWORD: credentials.password,
          NODE_EXTRA_CA_CERTS: await certificateFile(t, open.certificate),
          ELECTRON_PROXY: `PROXY ${new URL(proxy.url).host}`,
        },
      },
    );
    const { output, handshakes } = SPECIAL[title] ?? FETCHED;
    assert.equal(stdout, output);
    assert.equal(proxy.counters.handshakes, handshakes);
  });
}

test('the page has the examples that it is about', () => {
  const titles = examples.map(({ title }) => title);
  assert.deepEqual(titles, [
    'Main process',
    'Main process',
    'Main process',
    'Without single sign-on',
    'What Chromium does',
    'electron-updater',
  ]);
});
