/** The sh examples of the pages run, behind the proxy of this package. npm, curl and others are stand-ins for what is on the path. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startServer } from 'ntlm-wasm/node';
import { selfSignedCertificate } from '../internals.mjs';
import { consumerFolder } from './consumer.mjs';
import { blocks, root } from './pages.mjs';

const run = promisify(execFile);
const windows = process.platform === 'win32';

/** Blocks that do not run here. commands.test.mjs parses their command lines. */
const NOT_RUN = {
  'README.md npm install ntlm-wasm': 'tests/packaging installs the package with each package manager',
  'pkg-template/README.md npm install ntlm-wasm': 'tests/packaging installs the package with each package manager',
  'pkg-template/docs/electron.md npm install --os=win32 --cpu=x64': 'it needs a registry with the addons',
  'pkg-template/docs/docker-wsl2-vm.md ntlm-wasm proxy --listen 0.0.0.0:3128 --allow 172.17.0.0/16':
    'it serves until it is stopped; tests/js/cli/proxy.test.mjs starts it',
  'pkg-template/docs/docker-wsl2-vm.md docker build --add-host=host.docker.internal:host-gateway \\': 'it needs Docker',
  "pkg-template/docs/proxy-for-good.md ntlm-wasm credential set --user 'CORP\\alice'   # asks for the password":
    'it changes the settings of the user; tests/system runs each command with a key store and systemd',
};

/** What the others print. */
const PRINTS = {
  'README.md node ntlm-wasm.cjs': /^npm install -g ntlm-wasm: 200\n$/,
  'README.md export HTTPS_PROXY': /^npm install: 200\n$/,
  'pkg-template/README.md export HTTPS_PROXY': /^npm install: 200\n.*It works/s,
  'pkg-template/docs/client-register.md node --import': /^npm app: 200\nnpm test: 200\n$/,
  'pkg-template/docs/decode.md ntlm-wasm decode': /NEGOTIATE.*Domain\\User from COMPUTER.*CORP\\alice from PC1/s,
  'pkg-template/docs/electron.md npx ntlm-wasm run': /^npm install electron: 200\nnpm electron-builder: 200\n$/,
  'pkg-template/docs/install.md sha256sum': /^ntlm-wasm\.cjs: OK\n$/,
  'pkg-template/docs/install.md export HTTPS_PROXY': /^npm install -g ntlm-wasm: 200\n$/,
  'pkg-template/docs/install.md export NODE_OPTIONS': /^$/,
  'pkg-template/docs/run.md ntlm-wasm run': /^npm install: 200\nnpm install requests: 200\n$/,
  'pkg-template/docs/single-sign-on.md npx ntlm-wasm run': /^npm install: 200\n.*You are alice/s,
};

const nameOf = ({ path, code }) => `${path} ${code.split('\n')[0]}`;
const shown = blocks.filter(({ language }) => language === 'sh');

/** Prints its arguments, and the answer of the proxy of its environment to CONNECT. */
const CALLER = `
  const http = require('node:http');
  const { hostname, port, username, password } = new URL(process.env.HTTPS_PROXY);
  const headers = username === '' ? {} : { 'Proxy-Authorization': 'Basic ' + btoa(username + ':' + decodeURIComponent(password)) };
  const request = http.request({ hostname, port, method: 'CONNECT', path: '127.0.0.1:TARGET', headers });
  request.on('connect', (response, socket) => {
    console.log('npm ' + (process.argv.slice(2).join(' ') || 'app') + ': ' + response.statusCode);
    socket.destroy();
    process.exit();
  });
  request.end();
`;

describe('the sh examples of the pages', { concurrency: 3, skip: windows && 'they are for sh' }, () => {
  let world;
  before(async () => (world = await startWorld()));
  after(() => world.stop());

  for (const block of shown.filter((one) => !(nameOf(one) in NOT_RUN))) {
    test(block.id, { timeout: 90_000 }, async () => {
      const [name] = Object.keys(PRINTS).filter((start) => nameOf(block).startsWith(start));
      assert.ok(name, 'PRINTS says what it prints');
      const { stdout } = await run('sh', ['-e', '-c', world.withAddresses(block.code)], {
        cwd: world.folder,
        env: world.env,
        timeout: 80_000,
      });
      assert.match(stdout, PRINTS[name]);
    });
  }
});

test('every block that does not run is on a page', () => {
  const names = new Set(shown.map(nameOf));
  assert.deepEqual(
    Object.keys(NOT_RUN).filter((name) => !names.has(name)),
    [],
  );
});

async function startWorld() {
  const { folder, remove } = consumerFolder();
  const tls = selfSignedCertificate();
  const accounts = { alice: 'correct horse' };
  const proxy = await startServer({ accounts });
  const intranet = await startServer({ accounts, role: 'origin', tls });
  const open = await startServer({ role: 'none', tls });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const main = join(root, 'pkg/dist/node/cli/main.js');
  const caller = join(folder, 'app.js');
  const programs = {
    'ntlm-wasm': `exec node ${main} "$@"`,
    npm: `exec node ${caller} "$@"`,
    pip: `exec node ${caller} "$@"`,
    npx: `if [ "$1" = ntlm-wasm ]; then shift; exec node ${main} "$@"; fi; exec node ${caller} "$@"`,
    curl: `cat ${join(root, 'tests/js/decode/inputs/curl-v.txt')} >&2`,
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  writeFileSync(caller, CALLER.replace('TARGET', String(open.port)));
  writeFileSync(join(folder, 'ca.pem'), tls.cert);
  copyFileSync(join(root, 'tests/js/decode/inputs/cap2.pcap'), join(folder, 'capture.pcapng'));
  for (const name of ['ntlm-wasm.cjs', 'ntlm-wasm.cjs.sha256']) {
    copyFileSync(join(root, 'pkg', name), join(folder, name));
  }
  return {
    folder,
    env: {
      PATH: [bin, join(process.execPath, '..'), process.env.PATH].join(delimiter),
      HOME: folder,
      NTLM_PASSWORD: accounts.alice,
      NTLM_USERNAME: 'CORP\\alice',
      HTTPS_PROXY: proxy.url,
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
      NTLM_ADDON: join(root, 'tests/js/system/stand-in.cjs'),
      STAND_IN: JSON.stringify({ ntlm: { username: 'alice', password: accounts.alice } }),
    },
    withAddresses: (code) =>
      code
        .replaceAll('http://proxy.corp.example:8080', proxy.url)
        .replaceAll('https://intranet.corp.example', intranet.url)
        .replaceAll('https://www.example', open.url),
    async stop() {
      for (const server of [proxy, intranet, open]) await server.close({ grace: 0 });
      remove();
    },
  };
}
