import { randomBytes } from 'node:crypto';
import { startServer } from '../server/index.js';
import { diagnose } from './diagnose.js';
import type { Report } from './report.js';

/** The same against a proxy and a page of our own on loopback, which must work wherever this package does. */
export async function selfTest(): Promise<Report> {
  const password = randomBytes(12).toString('base64url');
  const server = await startServer({ role: 'proxy', accounts: { alice: password } });
  try {
    return await diagnose(`${server.url}/`, {
      proxy: server.url,
      credentials: { username: 'alice', password },
      timeout: 10_000,
    });
  } finally {
    await server.close();
  }
}
