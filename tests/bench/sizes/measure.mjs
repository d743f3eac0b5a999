/** Part 3: what users download, against peers, and what the module is made of. */
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { crateSizes, functionSizes } from './name-section.mjs';

const here = import.meta.dirname;
const PACKAGE = join(here, '../../../pkg');

/** What an author of a page or program writes to make tokens, by package. */
const USES = {
  'ntlm-wasm': "import { NtlmClient } from 'ntlm-wasm'; globalThis.use = NtlmClient;",
  'ntlm-wasm with decode': "import { NtlmClient, decode } from 'ntlm-wasm'; globalThis.use = [NtlmClient, decode];",
  'axios-ntlm': "import * as all from 'axios-ntlm/lib/ntlm.js'; globalThis.use = all;",
  '@ewsjs/ntlm-client': "import * as all from '@ewsjs/ntlm-client'; globalThis.use = all;",
  'node-client-ntlm': "import * as all from 'node-client-ntlm/lib/cjs/ntlm.js'; globalThis.use = all;",
  '@node-ntlm/core': "import * as all from '@node-ntlm/core'; globalThis.use = all;",
  httpntlm: "import * as all from 'httpntlm/ntlm.js'; globalThis.use = all;",
  'cypress-ntlm-auth': "import * as all from 'cypress-ntlm-auth/dist/ntlm/ntlm.js'; globalThis.use = all;",
};

export async function measureSizes({ target, say }) {
  const [tokens, explain] = JSON.parse(node(join(here, 'modules.mjs'))).map((text) => Buffer.from(text, 'base64'));
  const modules = [{ name: 'tokens.wasm', ...weigh(tokens) }];
  if (explain !== undefined) {
    modules.push({ name: 'explain.wasm', ...weigh(explain) });
    const both = [tokens, explain].map(weigh);
    const sum = (key) => both[0][key] + both[1][key];
    modules.push({ name: 'both', raw: sum('raw'), gzip: sum('gzip'), brotli: sum('brotli') });
  }
  const tarball = readdirSync(PACKAGE).find((name) => name.endsWith('.tgz'));
  const bundles = [];
  for (const [name, text] of Object.entries(USES)) bundles.push({ name, ...(await bundle(text)) });
  return {
    modules,
    tarball: tarball && statSync(join(PACKAGE, tarball)).size,
    bundles,
    breakdown: breakdown(join(target, 'wasm/tokens/wasm32-unknown-unknown/wasm/ntlm_wasm.wasm'), say),
  };
}

function node(script) {
  const run = spawnSync(process.execPath, [script], { encoding: 'utf8', maxBuffer: 1 << 24 });
  if (run.status !== 0) throw new Error(run.stderr.trim());
  return run.stdout;
}

function weigh(bytes) {
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length };
}

/** For a browser if the package can be bundled for one, or else for Node. */
async function bundle(text) {
  const options = { bundle: true, minify: true, write: false, logLevel: 'silent', format: 'esm' };
  const stdin = { contents: text, resolveDir: here };
  for (const platform of ['browser', 'node']) {
    try {
      const { outputFiles } = await build({ ...options, stdin, platform });
      return { platform, ...weigh(Buffer.from(outputFiles[0].contents)) };
    } catch (error) {
      if (platform === 'node') return { error: error.errors?.[0]?.text ?? error.message };
    }
  }
}

/** From the module before the optimiser, which still has the names; the shares are much the same after it. */
function breakdown(path, say) {
  if (!existsSync(path)) {
    say('no module with names is there: `cargo xtask build` makes one');
    return undefined;
  }
  const functions = functionSizes(readFileSync(path));
  return { crates: crateSizes(functions).slice(0, 16), functions: functions.slice(0, 30) };
}
