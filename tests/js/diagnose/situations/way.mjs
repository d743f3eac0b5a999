import { createServer } from 'node:net';
import { once } from 'node:events';
import { response } from '../../faults/fault-proxy.mjs';
import { ALICE, builtIn, closedPort, ESTABLISHED, PATIENCE, proxyThat, silent, website } from './peers.mjs';

const URL = 'http://www.example/';

/** Problems before any peer asks for credentials. */
export const way = {
  'a server without a proxy': {
    finds: ['no-sign-on-needed'],
    start: async (t) => ({ url: (await website(t)).url, proxy: 'direct' }),
  },
  'a proxy that requires no authentication': {
    finds: ['no-sign-on-needed'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, { bare: () => undefined, first: () => undefined })) }),
  },
  'an address that NO_PROXY sends past the proxy': {
    finds: ['bypasses-proxy', 'no-sign-on-needed'],
    env: { http_proxy: 'http://127.0.0.1:9', no_proxy: 'elsewhere.example, 127.0.0.1' },
    start: async (t) => ({ url: (await website(t)).url, proxy: 'environment' }),
  },
  'a PAC file that cannot be had': {
    finds: ['route-unknown'],
    start: async () => ({ url: URL, proxy: `pac+http://127.0.0.1:${await closedPort()}/proxy.pac` }),
  },
  'a proxy whose name does not exist': {
    finds: ['name-not-found'],
    start: async () => ({ url: URL, proxy: 'http://proxy.invalid:8080' }),
  },
  'a proxy whose port is closed': {
    finds: ['port-closed'],
    start: async () => ({ url: URL, proxy: `http://127.0.0.1:${await closedPort()}`, credentials: ALICE }),
  },
  'a proxy that never answers': {
    finds: ['no-answer'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, { bare: silent, first: silent })), timeout: PATIENCE }),
  },
  'a proxy that closes every connection': {
    finds: ['not-http'],
    start: async (t) => ({ url: URL, ...(await service(t, (socket) => socket.end())) }),
  },
  'another service on the port of the proxy': {
    finds: ['not-http'],
    start: async (t) => ({ url: URL, ...(await service(t, (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n'))) }),
  },
  'a proxy with TLS, spoken to without': {
    finds: ['not-http'],
    start: async (t) => {
      const { port } = await builtIn(t, { tls: true });
      return { url: URL, proxy: `http://127.0.0.1:${port}`, credentials: ALICE };
    },
  },
  'a proxy without TLS, spoken to with it': {
    finds: ['proxy-not-tls'],
    start: async (t) => {
      const { port } = await builtIn(t);
      return { url: URL, proxy: `https://localhost:${port}`, credentials: ALICE };
    },
  },
  'a proxy whose certificate is not trusted': {
    finds: ['proxy-certificate-untrusted'],
    start: async (t) => {
      const { port } = await builtIn(t, { tls: true });
      return { url: URL, proxy: `https://localhost:${port}`, credentials: ALICE };
    },
  },
  'a portal that sends one to its page': {
    finds: ['captive-portal'],
    start: async (t) => {
      const portal = () => response(302, { Location: 'http://portal.example/welcome?from=here' });
      return { url: URL, ...(await proxyThat(t, { bare: portal, first: portal })) };
    },
  },
  'a portal that says so': {
    finds: ['captive-portal'],
    start: async (t) => {
      const portal = () => response(511, {}, 'sign on, please');
      return { url: URL, ...(await proxyThat(t, { bare: portal, first: portal })) };
    },
  },
  'a portal that answers everything itself, tunnels too': {
    finds: ['target-not-tls'],
    start: async (t) => {
      const portal = (_request, connection) => {
        connection.send(ESTABLISHED);
        connection.end(response(200, {}, 'welcome'));
      };
      return { url: 'https://www.example/', ...(await proxyThat(t, { bare: portal, first: portal })) };
    },
  },
  'a proxy that cannot reach the one behind it': {
    finds: ['target-unreachable'],
    start: async (t) => {
      const gateway = () => response(504, {}, 'no parent');
      return { url: URL, ...(await proxyThat(t, { bare: gateway, first: gateway })) };
    },
  },
};

/** Something that is no web server. */
async function service(t, greet) {
  const server = createServer((socket) => greet(socket.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.after(() => server.close());
  return { proxy: `http://127.0.0.1:${server.address().port}`, credentials: ALICE, timeout: 2000 };
}
