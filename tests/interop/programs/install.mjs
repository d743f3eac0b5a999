// Programs that `tests/interop/run --programs` runs besides those of the interoperation tests, and where they are installed.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../.cache/programs/', import.meta.url));

export const DEBIAN =
  'default-jdk-headless gradle r-base-core subversion aria2 rclone restic cpanminus httpie wget2'.split(' ');

const NPM = [
  ...['@electron/get@5.1.0', '@prisma/engines@7.10.1', '@puppeteer/browsers@3.2.6', 'cypress@15.3.0'],
  ...['firebase-tools@15.34.2', 'mqtt@5.16.0', 'netlify-cli@27.10.2', 'phin@3.7.1', 'playwright-core@1.65.1'],
  ...['prebuild-install@7.1.3', 'request@2.88.2', 'undici@7.30.2'],
  ...['wrangler@4.164.0'],
];

const PYTHON = [
  ...[
    'awscli==1.46.3',
    'azure-storage-blob==12.31.1',
    'boto3==1.44.8',
    'conan==2.34.0',
    'google-cloud-storage==3.17.1',
  ],
  ...[
    'httplib2==0.32.1',
    'huggingface_hub==2.4.0',
    'niquests==3.21.2',
    'openai==3.57.0',
    'pipx==1.18.4',
    'poetry==2.5.1',
  ],
  ...['pycurl==7.49.0', 'tornado==6.6.1', 'twine==7.0.0', 'websocket-client==1.9.2', 'ansible-core==2.19.14'],
];

export const npmModule = (path) => join(FOLDER, 'node_modules', path);
export const pythonProgram = (name) => join(FOLDER, 'python/bin', name);

/** Installs what is missing of npm's and Python's packages. */
export function installPackages() {
  const list = JSON.stringify([NPM, PYTHON]);
  const stamp = join(FOLDER, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === list) return;
  mkdirSync(FOLDER, { recursive: true });
  const execute = (command, ...args) =>
    execFileSync(command, args, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(join(FOLDER, 'package.json'), '{"private":true}');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--no-package-lock'];
  execute('npm', 'install', '--ignore-scripts', ...quiet, ...NPM);
  execute('python3', '-m', 'venv', 'python');
  execute(pythonProgram('pip'), 'install', '-q', '--disable-pip-version-check', ...PYTHON);
  writeFileSync(stamp, list);
}
