/** The local proxy of one test, and raw connections to it. */
import { startProxy } from 'ntlm-wasm/node';
import { RawConnection } from '../server/raw-connection.mjs';

/** Starts the local proxy. `open` makes a client connection, `seen` has the requests that it relayed. */
export async function localProxy(t, options = {}) {
  const seen = [];
  const proxy = await startProxy({ onRequest: (request) => seen.push(request), ...options });
  t.after(() => proxy.close({ grace: 0 }));
  const open = async () => {
    const client = await RawConnection.to({ url: `http://127.0.0.1:${proxy.port}` });
    t.after(() => client.close());
    return client;
  };
  return { proxy, open, seen };
}

/** The field with which a client shows the secret of a proxy. */
export function secretField(secret) {
  return { 'Proxy-Authorization': `Basic ${Buffer.from(`ntlm-wasm:${secret}`).toString('base64')}` };
}
