import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoAccount, startServer } from 'ntlm-wasm/node';

export const credentials = { ...demoAccount };

let wrongOnes = 0;

/** Another one each time: what one peer has rejected is not sent to the next. */
export function wrongCredentials() {
  wrongOnes += 1;
  return { ...demoAccount, password: `wrong${wrongOnes}` };
}

/** A server for one test, with what it reported. */
export async function serve(t, options = {}) {
  const seen = { legs: [], requests: [] };
  const server = await startServer({
    onLeg: (leg) => seen.legs.push(leg),
    onRequest: (request) => seen.requests.push(request),
    ...options,
  });
  t.after(() => server.close());
  return Object.assign(seen, { server, certificateFile: () => certificateFile(t, server.certificate) });
}

/** For NODE_EXTRA_CA_CERTS, which takes only a file. */
export async function certificateFile(t, certificate) {
  const folder = await mkdtemp(join(tmpdir(), 'ntlm-wasm-test-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'ca.pem');
  await writeFile(file, certificate);
  return file;
}

/** How many messages of that type were received: 1 negotiate, 3 authenticate. */
export function received(legs, type) {
  return legs.filter(({ direction, token }) => {
    const bytes = Buffer.from(token, 'base64');
    const at = bytes.indexOf('NTLMSSP\0', 0, 'latin1');
    return direction === 'received' && bytes.readUInt32LE(at + 8) === type;
  }).length;
}

/** Does the work ten times over, one after the other. */
export async function tenTimes(work) {
  const results = [];
  for (let index = 0; index < 10; index += 1) results.push(await work(index));
  return results;
}
