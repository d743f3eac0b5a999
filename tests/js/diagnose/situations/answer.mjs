import { response } from '../../faults/fault-proxy.mjs';
import { ALICE, proxyThat, secureWebsite, website } from './peers.mjs';

const URL = 'http://www.example/';
const YEAR = 365 * 24 * 3_600_000;

/** The proxy authenticates the client, then responds with `text`. */
const served = (text) => async (t) => ({ url: URL, ...(await proxyThat(t, { served: () => text })) });

/** The proxy authenticates the client, then responds with `text` instead of opening a tunnel. */
const refusedTunnel = (text) => async (t) => ({
  url: 'https://www.example:22/',
  ...(await proxyThat(t, {
    last: async (request, connection) => ((await connection.admits(request)) ? text : response(500)),
  })),
});

/** Problems after authentication. */
export const answer = {
  'a policy that forbids the address': {
    finds: ['forbidden', 'signed-on'],
    start: served(response(403, {}, 'no games')),
  },
  'a server that the proxy cannot reach': { finds: ['target-unreachable', 'signed-on'], start: served(response(502)) },
  'a server that does not answer the proxy': {
    finds: ['target-unreachable', 'signed-on'],
    start: served(response(504)),
  },
  'a server in trouble': { finds: ['server-error', 'signed-on'], start: served(response(500, {}, 'oh')) },
  'a page that is not there': { finds: ['signed-on', 'not-found'], start: served(response(404)) },
  'a page to log on at': {
    finds: ['signed-on', 'log-in-page'],
    start: served(response(302, { Location: 'https://login.example/start?token=secret' })),
  },
  'a redirect on the same server': { finds: ['signed-on'], start: served(response(301, { Location: '/elsewhere' })) },
  'a tunnel that is forbidden': { finds: ['tunnel-refused'], start: refusedTunnel(response(403)) },
  'a tunnel to an unreachable server': { finds: ['target-unreachable'], start: refusedTunnel(response(503)) },
  'a tunnel to a server whose certificate this network made': {
    finds: ['tls-inspected', 'signed-on'],
    start: async (t) => {
      const origin = await secureWebsite(t);
      return { url: origin.url, ...(await proxyThat(t, { origin })), tls: { ca: origin.certificate } };
    },
  },
  'a tunnel to a server whose certificate is not trusted': {
    finds: ['certificate-untrusted'],
    start: async (t) => {
      const origin = await secureWebsite(t);
      return { url: origin.url, ...(await proxyThat(t, { origin })) };
    },
  },
  'a certificate of another name': {
    finds: ['certificate-wrong-name'],
    start: async (t) => {
      const origin = await secureWebsite(t, { host: '127.0.0.2', name: '127.0.0.2' });
      return { url: origin.url, proxy: 'direct', tls: { ca: origin.certificate } };
    },
  },
  'a certificate of the year before last': {
    finds: ['certificate-expired'],
    start: async (t) => {
      const origin = await secureWebsite(t, { since: new Date(Date.now() - 2 * YEAR) });
      return { url: origin.url, proxy: 'direct', credentials: ALICE, tls: { ca: origin.certificate } };
    },
  },
  'a filter that names itself': {
    finds: ['forbidden', 'signed-on'],
    start: served(
      response(
        403,
        { 'Content-Type': 'text/html' },
        '<html><head><title>Zscaler: URL blocked by policy &amp; category Games</title></head><body>no</body></html>',
      ),
    ),
  },
  'a filter whose block page has the status 200': {
    finds: ['block-page', 'signed-on'],
    start: served(
      response(
        200,
        {},
        '<html><title>Web Page Blocked!</title><body>FortiGuard Intrusion Prevention: category Games</body></html>',
      ),
    ),
  },
  'a proxy that says in X-Squid-Error why the server is not reached': {
    finds: ['target-unreachable', 'signed-on'],
    start: served(
      response(
        503,
        { 'X-Squid-Error': 'ERR_DNS_FAIL 0' },
        '<title>ERROR: The requested URL could not be retrieved</title>',
      ),
    ),
  },
  'a portal that answers 200 itself': {
    finds: ['captive-portal'],
    start: async (t) => {
      const page = '<html><head><title>Guest Wi-Fi login</title></head><body>Accept the terms</body></html>';
      const { url } = await website(t, (_request, reply) => reply.end(page));
      return { url, proxy: 'direct' };
    },
  },
  'a portal whose page leads elsewhere': {
    finds: ['captive-portal'],
    start: async (t) => {
      const page = '<meta http-equiv="refresh" content="0; url=http://login.example/start">';
      const { url } = await website(t, (_request, reply) => reply.end(page));
      return { url, proxy: 'direct' };
    },
  },
  'a server that forbids without asking': {
    finds: ['forbidden'],
    start: async (t) => {
      const { url } = await website(t, (_request, reply) => reply.writeHead(403).end());
      return { url, proxy: 'direct' };
    },
  },
};
