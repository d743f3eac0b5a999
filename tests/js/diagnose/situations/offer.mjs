import { demand, page } from '../../faults/fault-proxy.mjs';
import { ALICE, builtIn, hangUp, proxyThat } from './peers.mjs';

const URL = 'http://www.example/';

/** What may be asked for, and by whom. */
export const offer = {
  'a proxy that wants NTLM': {
    finds: ['signed-on'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t)) }),
  },
  'a proxy that wants Negotiate or NTLM': {
    finds: ['signed-on'],
    start: async (t) => inFrontOfItself(await builtIn(t, { schemes: ['Negotiate', 'NTLM'] })),
  },
  'a proxy that wants Negotiate, and takes NTLM in it': {
    finds: ['signed-on', 'negotiate-only'],
    start: async (t) => inFrontOfItself(await builtIn(t, { schemes: ['Negotiate'] })),
  },
  'a proxy that takes Kerberos only': {
    finds: ['ntlm-blocked', 'negotiate-only'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, refusing('Negotiate'))) }),
  },
  'a proxy that wants Basic': {
    finds: ['basic-only'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, refusing('Basic realm="the proxy, that is"'))) }),
  },
  'a proxy that wants Basic, without credentials': {
    finds: ['basic-only'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, refusing('Basic realm="a"'))), credentials: undefined }),
  },
  'a proxy that wants other things': {
    finds: ['no-known-scheme'],
    start: async (t) => {
      const offers = ['Digest realm="a, b", nonce="c"', 'Bearer realm="d", Basic realm="e"'];
      return { url: URL, ...(await proxyThat(t, refusing(offers))) };
    },
  },
  'a proxy that asks for nothing that it names': {
    finds: ['no-known-scheme'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, refusing([]))) }),
  },
  'a proxy that asks, without credentials': {
    finds: ['no-credentials'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t)), credentials: undefined }),
  },
  'a proxy that closes after its first demand': {
    finds: ['closes-connection', 'signed-on'],
    start: async (t) => {
      const bare = (_request, connection) => connection.end(demand('NTLM', { Connection: 'close' }));
      return { url: URL, ...(await proxyThat(t, { bare })) };
    },
  },
  'an HTTP/1.0 proxy that keeps the connection': {
    finds: ['signed-on', 'http-1.0'],
    start: async (t) => {
      const old = (challenge) => demand(challenge, { 'Proxy-Connection': 'keep-alive' }, 'x', { version: '1.0' });
      const first = (request, connection) => old(connection.challengeFor(request));
      return { url: URL, ...(await proxyThat(t, { bare: () => old('NTLM'), first })) };
    },
  },
  'an HTTP/1.0 proxy that does not': {
    finds: ['closed-mid-handshake', 'closes-connection', 'http-1.0'],
    start: async (t) => {
      const old = (challenge, connection) => void connection.end(demand(challenge, {}, 'x', { version: '1.0' }));
      const bare = (_request, connection) => old('NTLM', connection);
      const first = (request, connection) => old(connection.challengeFor(request), connection);
      return { url: URL, ...(await proxyThat(t, { bare, first })) };
    },
  },
  'a server that asks, and may not see the credentials': {
    finds: ['server-asks'],
    start: async (t) => {
      const { url } = await builtIn(t, { role: 'origin' });
      return { url: `${url}/`, proxy: 'direct', credentials: ALICE };
    },
  },
  'a server that asks, and may': {
    finds: ['signed-on'],
    start: async (t) => {
      const { url } = await builtIn(t, { role: 'origin' });
      return { url: `${url}/`, proxy: 'direct', credentials: ALICE, servers: [url] };
    },
  },
  'a proxy and a server that both ask': {
    finds: ['signed-on'],
    start: async (t) => {
      const { url } = await builtIn(t, { role: 'both' });
      return { url: `${url}/`, proxy: url, credentials: ALICE, servers: [url] };
    },
  },
  'a server that closes the connection when it hears message 3': {
    finds: ['closed-mid-handshake'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, { last: hangUp })) }),
  },
  'a proxy with a name for itself': {
    finds: ['signed-on'],
    start: async (t) => {
      const bare = () => demand('NTLM', { Server: 'Appliance/9.9 (\u001b[31mred)' });
      return { url: URL, ...(await proxyThat(t, { bare, served: page })) };
    },
  },
};

/** Asks for this, whatever it is given. */
const refusing = (offers) => ({ offers, first: () => demand(offers), last: () => demand(offers) });

/** The built-in server is a proxy and a page at once. */
const inFrontOfItself = ({ url }) => ({ url: `${url}/`, proxy: url, credentials: ALICE });
