import { demand } from '../../faults/fault-proxy.mjs';
import { ALICE, builtIn, hangUp, PATIENCE, proxyThat, inspectingDevice, silent } from './peers.mjs';

const URL = 'http://www.example/';
const HOUR = 3_600_000;
const wrong = () => ({ ...ALICE, password: 'not the password' });

/** A refusal with a reason in its status line, as Microsoft's proxies give it. */
const because = (reason, { finds }) => ({
  finds: [finds],
  start: async (t) => ({
    url: URL,
    ...(await proxyThat(t, {
      last: () => demand('NTLM', {}, '', { reason: `Proxy Authentication Required ( ${reason} )` }),
    })),
  }),
});

/** What can go wrong between message 1 and the verdict. */
export const signOn = {
  'a wrong password': {
    finds: ['credentials-refused'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t)), credentials: wrong() }),
  },
  'a locked account, and a proxy that says so': because(
    'The referenced account is currently locked out and may not be logged on to.',
    { finds: 'account-locked' },
  ),
  'a disabled account, and a proxy that says so': because('Logon failure: account currently disabled.', {
    finds: 'account-disabled',
  }),
  'an expired account, and a proxy that says so': because("The user's account has expired.", {
    finds: 'account-expired',
  }),
  'an expired password, and a proxy that says so': because(
    'Logon failure: the specified account password has expired.',
    {
      finds: 'password-expired',
    },
  ),
  'a password that must be changed, and a proxy that says so': because(
    "The user's password must be changed before logging on the first time.",
    { finds: 'password-expired' },
  ),
  'the wrong hours, and a proxy that says so': because('Logon failure: account logon time restriction violation.', {
    finds: 'logon-not-allowed',
  }),
  'NTLM switched off, and a proxy that says so': because('The authentication failed since NTLM was blocked.', {
    finds: 'ntlm-blocked',
  }),
  'a wrong name or password, and a proxy that says so': because('Logon failure: unknown user name or bad password.', {
    finds: 'credentials-refused',
  }),
  'a proxy that closes when it hears message 1': {
    finds: ['closed-mid-handshake'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, { first: hangUp })) }),
  },
  'a proxy that closes after its challenge': {
    finds: ['closed-mid-handshake'],
    start: async (t) => {
      const first = (request, connection) =>
        void connection.end(demand(connection.challengeFor(request), { Connection: 'close' }));
      return { url: URL, ...(await proxyThat(t, { first })) };
    },
  },
  'something on the way that takes tokens out': {
    finds: ['token-lost'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, { first: () => demand('NTLM') })) }),
  },
  'something on the way that cuts the challenge': {
    finds: ['challenge-damaged'],
    start: async (t) => {
      const first = (request, connection) => demand(connection.challengeFor(request).slice(0, 45));
      return { url: URL, ...(await proxyThat(t, { first })) };
    },
  },
  'something on the way that writes challenges in small letters': {
    finds: ['challenge-damaged'],
    start: async (t) => {
      const first = (request, connection) => demand(connection.challengeFor(request).toLowerCase());
      return { url: URL, ...(await proxyThat(t, { first })) };
    },
  },
  'a proxy that understands NTLMv1 only': {
    finds: ['ntlmv1-demanded', 'credentials-refused'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, { first: () => demand(OLD_CHALLENGE) })) }),
  },
  'a challenge from before NTLMv2, and a proxy that takes the answer': {
    finds: ['no-target-info', 'signed-on'],
    start: async (t) => {
      const parts = { first: () => demand(OLD_CHALLENGE), last: () => undefined };
      return { url: URL, ...(await proxyThat(t, parts)) };
    },
  },
  'a challenge without a time': {
    finds: ['no-timestamp', 'signed-on'],
    start: async (t) => inFrontOfItself(await builtIn(t, { ntlm: { timestamp: false } })),
  },
  'a clock three hours ahead, and a refusal': {
    finds: ['clock-skew', 'credentials-refused'],
    start: async (t) => inFrontOfItself(await aheadBy(t, 3 * HOUR), wrong()),
  },
  'a clock three hours behind, and no refusal': {
    finds: ['clock-differs', 'signed-on'],
    start: async (t) => inFrontOfItself(await aheadBy(t, -3 * HOUR)),
  },
  'a proxy that never answers message 1': {
    finds: ['handshake-timeout'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, { first: silent })), timeout: PATIENCE }),
  },
  'a proxy that never answers message 3': {
    finds: ['handshake-timeout'],
    start: async (t) => ({ url: URL, ...(await proxyThat(t, { last: silent })), timeout: PATIENCE }),
  },
  'a proxy that answers message 3 with the next challenge': {
    finds: ['credentials-refused'],
    start: async (t) => {
      const last = (_request, connection) => demand(connection.challengeFor({ token: MESSAGE_1 }));
      return { url: URL, ...(await proxyThat(t, { last })) };
    },
  },
  'channel bindings that are required and sent': {
    finds: ['signed-on'],
    start: (t) => extended(t),
  },
  'channel bindings that are required and not sent': {
    finds: ['channel-binding-suspected', 'credentials-refused', 'tls-inspected'],
    start: (t) => extended(t, { channelBindings: 'off' }),
  },
  'channel bindings that are required, behind TLS inspection': {
    finds: ['channel-binding-suspected', 'credentials-refused', 'tls-inspected'],
    start: (t) => behindInspection(t),
  },
  'a proxy with TLS that requires channel bindings': {
    finds: ['signed-on'],
    start: async (t) => {
      const server = await builtIn(t, { tls: true, channelBindingPolicy: 'required' });
      const page = await builtIn(t, { role: 'none' });
      const proxy = `https://localhost:${server.port}`;
      return { url: `${page.url}/`, proxy, credentials: ALICE, proxyTls: { ca: server.certificate } };
    },
  },
  'single sign-on without the addon': {
    finds: ['sso-unavailable'],
    env: { NTLM_ADDON: '/nowhere/ntlm-wasm.node' },
    start: async (t) => ({ url: URL, ...(await proxyThat(t)), credentials: 'system' }),
  },
};

/** Message 2 with Unicode and NTLM, and neither extended session security nor target information. */
const OLD_CHALLENGE = (() => {
  const bytes = Buffer.alloc(48);
  bytes.write('NTLMSSP\0\u0002', 'latin1');
  bytes.writeUInt32LE(48, 16);
  bytes.writeUInt32LE(0x0000_8201, 20);
  bytes.write('01234567', 24, 'latin1');
  return `NTLM ${bytes.toString('base64')}`;
})();

const MESSAGE_1 = 'NTLM TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKAPRlAAAADw==';

const inFrontOfItself = ({ url }, credentials = ALICE) => ({ url: `${url}/`, proxy: url, credentials });

const aheadBy = (t, milliseconds) => builtIn(t, { ntlm: { now: () => new Date(Date.now() + milliseconds) } });

/** A TLS server that rejects handshakes without its channel binding. */
async function extended(t, more) {
  const { port, certificate } = await builtIn(t, { role: 'origin', tls: true, channelBindingPolicy: 'required' });
  const url = `https://localhost:${port}/`;
  return { url, proxy: 'direct', credentials: ALICE, servers: [url.slice(0, -1)], tls: { ca: certificate }, ...more };
}

/** The same behind a device that inspects TLS, with its own certificate. */
async function behindInspection(t) {
  const server = await builtIn(t, { role: 'origin', tls: true, channelBindingPolicy: 'required' });
  const { port, certificate } = await inspectingDevice(t, server.port);
  const url = `https://localhost:${port}/`;
  return { url, proxy: 'direct', credentials: ALICE, servers: [url.slice(0, -1)], tls: { ca: certificate } };
}
