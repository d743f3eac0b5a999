// The files whose code runs for the first request of a process. "One request" in ARCHITECTURE.md describes the walk.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { demoAccount, startServer } from 'ntlm-wasm/node';

/** The compiled modules before bundling, one file for each source file. */
const DIST = new URL('../../../pkg-template/dist/', import.meta.url);
const MOST_FILES = 28;
const MOST_FILES_LATER = 15;

/** Returns the files with a function that ran during `run`, without the generated ones. */
async function filesOf(run) {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await session.post('Profiler.takePreciseCoverage');
  await run();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  session.disconnect();
  const ran = result.filter(
    ({ url, functions }) =>
      url.startsWith(DIST.href) &&
      !url.includes('/generated/') &&
      functions.some(({ functionName, ranges }) => functionName !== '' && ranges[0].count > 0),
  );
  return ran.map(({ url }) => relative(fileURLToPath(DIST), fileURLToPath(url))).sort();
}

async function network(t) {
  const origin = createServer((_request, response) => response.end('page')).listen(0, '127.0.0.1');
  await once(origin, 'listening');
  const proxy = await startServer();
  t.after(async () => {
    await proxy.close({ grace: 0 });
    origin.closeAllConnections();
    origin.close();
  });
  return { proxy, url: `http://127.0.0.1:${origin.address().port}/` };
}

test(`fetch through a proxy with NTLM: at most ${MOST_FILES} files, and ${MOST_FILES_LATER} for the next request`, async (t) => {
  const { proxy, url } = await network(t);
  const { createFetch } = await import(new URL('node/index.js', DIST));
  const fetch = createFetch({ proxy: proxy.url, credentials: demoAccount });
  const request = async () => assert.equal(await (await fetch(url)).text(), 'page');
  for (const most of [MOST_FILES, MOST_FILES_LATER]) {
    const files = await filesOf(request);
    t.diagnostic(`${files.length} files: ${files.join(' ')}`);
    assert.ok(files.length <= most, `${files.length} files: ${files.join(', ')}`);
  }
});
