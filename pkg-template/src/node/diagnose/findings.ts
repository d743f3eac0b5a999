/** Who can fix it. */
export type Fault = 'credentials' | 'policy' | 'network' | 'peer' | 'configuration' | 'nobody';

/** The severity of a finding: `error` prevents the request, `warning` is a risk, `note` is information. */
export type Severity = 'error' | 'warning' | 'note';

/** A problem or an observation, and the recommended action. */
export interface Finding {
  /** The stable id. */
  readonly id: FindingId;
  readonly severity: Severity;
  readonly fault: Fault;
  readonly text: string;
  readonly nextStep: string;
}

type Entry = readonly [severity: Severity, fault: Fault, text: string, nextStep: string];

/** All findings by id. The ids are part of the public interface; the sentences are not. */
const TABLE = {
  // The connection.
  'route-unknown': [
    'error',
    'configuration',
    'cannot determine which proxy to use',
    'fix the setting named above, or pass the proxy with --proxy',
  ],
  'bypasses-proxy': [
    'note',
    'configuration',
    'a proxy exception makes this address bypass the proxy',
    "remove it from NO_PROXY or the system's exceptions if the address is reachable through the proxy only",
  ],
  'name-not-found': [
    'error',
    'network',
    'the name of the first hop is unknown',
    'check the spelling, whether the VPN is connected, and the DNS servers',
  ],
  'port-closed': [
    'error',
    'network',
    'the first hop refuses connections on that port',
    'check the port; proxies usually use 8080, 3128 or 80',
  ],
  'not-reachable': [
    'error',
    'network',
    'the first hop cannot be reached',
    'check whether this is the right network, and whether a firewall is in between',
  ],
  'no-answer': [
    'error',
    'network',
    'the first hop does not answer in time',
    'a firewall may drop packets; try from another network, or raise --timeout',
  ],
  'not-http': [
    'error',
    'configuration',
    'the first hop does not speak HTTP',
    'check the port, and whether the proxy requires TLS (https:// before its name)',
  ],
  'proxy-not-tls': [
    'error',
    'configuration',
    'the proxy does not speak TLS on this port',
    'write http:// before its name; connections to https: sites are encrypted anyway',
  ],
  'proxy-certificate-untrusted': [
    'error',
    'configuration',
    "the proxy's certificate is not trusted",
    'pass the certificate of its authority with --ca',
  ],
  'captive-portal': [
    'error',
    'network',
    'the network answered with a captive portal',
    'open any page in a browser and log in there first',
  ],
  'target-not-tls': [
    'error',
    'network',
    'the server does not speak TLS on this port, or a portal or filter answers in its name',
    'check the address and port; open any http: page in a browser to see whether a portal is in between',
  ],
  // The offer.
  'no-sign-on-needed': ['note', 'nobody', 'no authentication is required', 'nothing has to be done'],
  'basic-only': [
    'error',
    'policy',
    'only Basic is offered, which would send the password in the clear',
    'Basic is never used; ask the administrators for NTLM or Negotiate',
  ],
  'no-known-scheme': [
    'error',
    'policy',
    'neither NTLM nor Negotiate is offered',
    'ask the administrators which clients are supported',
  ],
  'negotiate-only': [
    'note',
    'policy',
    'Negotiate is offered without NTLM: the peer may accept Kerberos only',
    'if authentication fails, use single sign-on with a Kerberos ticket (--sso)',
  ],
  'closes-connection': [
    'warning',
    'peer',
    'the connection is closed after the first challenge',
    'it works with one more connection; allow keep-alive on the peer to avoid that',
  ],
  'http-1.0': [
    'note',
    'peer',
    'the peer speaks HTTP/1.0',
    'it works if the connection is kept; newer software is faster',
  ],
  'server-asks': [
    'error',
    'configuration',
    'the server requests NTLM, and is not on the list of servers that may receive the credentials',
    'add it with --server, or in the option servers',
  ],
  // Authentication.
  'signed-on': ['note', 'nobody', 'authentication works', 'nothing has to be done'],
  'no-credentials': [
    'error',
    'credentials',
    'credentials are required, and none are set',
    'pass --user, set NTLM_USERNAME and NTLM_PASSWORD, or use the current user with --sso',
  ],
  'credentials-refused': [
    'error',
    'credentials',
    'the credentials were rejected: the user name or password is wrong, or the account is disabled, expired or locked',
    'check them elsewhere, for example by logging on to a machine; they were sent once, and repeating a wrong password locks the account',
  ],
  'account-locked': [
    'error',
    'credentials',
    'the peer reports that the account is locked',
    'wait for the lockout to expire, or ask an administrator to unlock it; find the program that keeps using an old password',
  ],
  'account-disabled': [
    'error',
    'credentials',
    'the peer reports that the account is disabled',
    'ask an administrator of the accounts',
  ],
  'account-expired': [
    'error',
    'credentials',
    'the peer reports that the account has expired',
    'ask an administrator of the accounts',
  ],
  'password-expired': [
    'error',
    'credentials',
    'the peer reports that the password has expired or must be changed',
    'change it, for example by logging on to a machine; NTLM cannot change passwords',
  ],
  'logon-not-allowed': [
    'error',
    'policy',
    'the peer reports that the account may not log on at this time, from this machine or in this way',
    'ask the administrators for allowed hours, machines and logon types (--workstation sets another name)',
  ],
  'ntlm-blocked': [
    'error',
    'policy',
    'the peer rejects NTLM although it offers a scheme that can carry it: a policy blocks NTLM, or only Kerberos is accepted',
    'use single sign-on with a Kerberos ticket (--sso), or have NTLM allowed for this server',
  ],
  'clock-skew': [
    'error',
    'configuration',
    'the clocks of this machine and the peer differ by more than five minutes, which makes authentication fail',
    'set the clock',
  ],
  'clock-differs': [
    'warning',
    'configuration',
    'the clocks of this machine and the peer differ by more than five minutes',
    'set the clock: other peers reject this',
  ],
  'ntlmv1-demanded': [
    'error',
    'policy',
    'the peer seems to accept NTLMv1 only, which is not sent',
    'allow NTLMv2 on the peer (LmCompatibilityLevel 3 or higher)',
  ],
  'no-target-info': [
    'warning',
    'peer',
    'the challenge names no server and no time, as in software older than NTLMv2',
    'update the peer: there is no protection against relaying',
  ],
  'no-timestamp': [
    'note',
    'peer',
    'the challenge has no time, so messages have no integrity code',
    'it works; Windows has sent the time since Vista',
  ],
  'channel-binding-suspected': [
    'error',
    'policy',
    'the server may require extended protection, and the handshake was not bound to its certificate',
    'leave channelBindings at auto; if TLS is inspected, exclude this server from inspection',
  ],
  'token-lost': [
    'error',
    'network',
    'message 1 was not answered with a challenge: a device in between may remove the header',
    'look for a device that rewrites headers, such as a second proxy or a filter',
  ],
  'closed-mid-handshake': [
    'error',
    'network',
    'the connection was closed in the middle of the handshake',
    'NTLM needs one persistent connection: look for a load balancer or firewall in between',
  ],
  'handshake-timeout': [
    'error',
    'network',
    'the handshake did not finish in time',
    'the peer may be waiting for its domain controller; ask the administrators',
  ],
  'challenge-damaged': [
    'error',
    'peer',
    'the challenge cannot be read',
    'decode it with ntlm-wasm decode; a device in between may cut or change headers',
  ],
  'sso-unavailable': [
    'error',
    'credentials',
    'the operating system has no credentials for single sign-on',
    'pass a user name and password, or fix the problem named above',
  ],
  'asks-again-and-again': [
    'error',
    'peer',
    'the peer starts one handshake after another',
    'a load balancer may send requests to different servers: configure sticky sessions',
  ],
  // After authentication.
  forbidden: [
    'error',
    'policy',
    'the request is forbidden, and authentication is not the reason',
    'a policy for this user or address forbids it: ask the administrators',
  ],
  'block-page': [
    'error',
    'policy',
    'a web filter answers with a block page',
    'ask the administrators to allow this address',
  ],
  'tunnel-refused': [
    'error',
    'policy',
    'the proxy refuses a tunnel to this address',
    'its policy allows other ports or addresses only: ask the administrators',
  ],
  'target-unreachable': [
    'error',
    'network',
    'the proxy, or the network after it, cannot reach the server',
    'check the address; otherwise wait, or ask the administrators of the proxy',
  ],
  'server-error': [
    'warning',
    'peer',
    'the server answers with an error',
    'the way there works: ask the operators of the server',
  ],
  'not-found': ['note', 'nobody', 'the server does not have this page', 'the way there works: check the address'],
  'log-in-page': [
    'note',
    'peer',
    'the server redirects, possibly to a login page',
    'the way there works; the page has its own login',
  ],
  'tls-inspected': [
    'warning',
    'policy',
    'the certificate comes from an authority that only this network trusts: TLS is inspected, or the server is internal',
    'pass the certificate of the authority to programs (--ca, NODE_EXTRA_CA_CERTS); channel bindings to the server fail if TLS is inspected',
  ],
  'certificate-untrusted': [
    'error',
    'configuration',
    'the certificate of the server is not trusted',
    'if this network inspects TLS, pass the certificate of its authority with --ca',
  ],
  'certificate-wrong-name': [
    'error',
    'peer',
    'the certificate belongs to another name',
    'check the address; a portal or an inspecting device may answer for the server',
  ],
  'certificate-expired': [
    'error',
    'peer',
    'the certificate has expired, or is not valid yet',
    'check the clock of this machine; otherwise ask the operators of the server',
  ],
  'handshake-failed': ['error', 'peer', 'the handshake failed', 'see the error named above'],
  crashed: ['error', 'nobody', 'a probe of this program crashed', 'report this as a bug, with this report'],
} as const satisfies Record<string, Entry>;

export type FindingId = keyof typeof TABLE;

export const FINDING_IDS = Object.keys(TABLE) as FindingId[];

/** Creates a finding. `detail` is added in parentheses; `advice` replaces the default action. */
export function finding(id: FindingId, detail?: string, advice?: string): Finding {
  const [severity, fault, text, nextStep]: Entry = TABLE[id];
  const said = detail === undefined ? text : `${text} (${detail})`;
  return { id, severity, fault, text: said, nextStep: advice ?? nextStep };
}
