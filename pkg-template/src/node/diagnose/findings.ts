/** Who could change it. */
export type Fault = 'credentials' | 'policy' | 'network' | 'peer' | 'configuration' | 'nobody';

export type Severity = 'error' | 'warning' | 'note';

/** What is in the way, or good to know, and what to do about it. */
export interface Finding {
  /** Stable. */
  readonly id: FindingId;
  readonly severity: Severity;
  readonly fault: Fault;
  readonly text: string;
  readonly nextStep: string;
}

type Entry = readonly [severity: Severity, fault: Fault, text: string, nextStep: string];

/** Everything that can be found, one entry an id. Ids are part of the interface; the sentences are not. */
const TABLE = {
  // The way there.
  'route-unknown': [
    'error',
    'configuration',
    'the proxy to use cannot be found out',
    'mend the setting that is named, or give the proxy with --proxy',
  ],
  'bypasses-proxy': [
    'note',
    'configuration',
    'an exception of the settings sends this address past the proxy',
    'take it out of NO_PROXY, or out of the exceptions of the system, if the address is only to be had through the proxy',
  ],
  'name-not-found': [
    'error',
    'network',
    'the name of the first hop is not known here',
    'check its spelling, whether the VPN is up, and which DNS servers are used',
  ],
  'port-closed': [
    'error',
    'network',
    'nobody listens at that address and port',
    'check the port; a proxy mostly has 8080, 3128 or 80',
  ],
  'not-reachable': [
    'error',
    'network',
    'the first hop cannot be reached',
    'check whether this network is the one where it lives, and whether a firewall is in between',
  ],
  'no-answer': [
    'error',
    'network',
    'the first hop does not answer in time',
    'a firewall that drops packets looks like this; try from another network, or raise --timeout',
  ],
  'not-http': [
    'error',
    'configuration',
    'what answers there does not speak HTTP',
    'check the port, and whether it wants TLS (https:// before the name of the proxy)',
  ],
  'proxy-not-tls': [
    'error',
    'configuration',
    'the proxy does not speak TLS on this port',
    'write http:// before its name; the way to an https: page is encrypted all the same',
  ],
  'proxy-certificate-untrusted': [
    'error',
    'configuration',
    "the proxy's certificate is not trusted here",
    'give the certificate of its authority with --ca',
  ],
  'captive-portal': [
    'error',
    'network',
    'the network answers with a page of its own: a portal wants to be visited first',
    'open any page in a browser and sign on there',
  ],
  'target-not-tls': [
    'error',
    'network',
    'what answers in the name of the server does not speak TLS: the port is one without, or a portal or filter answers instead',
    'check the address and its port; open any http: page in a browser to see whether the network wants something first',
  ],
  // What is asked for.
  'no-sign-on-needed': ['note', 'nobody', 'nobody asks for credentials', 'nothing has to be done'],
  'basic-only': [
    'error',
    'policy',
    'only Basic is offered, which would send the password as it is',
    'it is never answered; ask the administrators for NTLM or Negotiate',
  ],
  'no-known-scheme': [
    'error',
    'policy',
    'none of the schemes that are offered is NTLM or Negotiate',
    'ask the administrators which clients are supported',
  ],
  'negotiate-only': [
    'note',
    'policy',
    'Negotiate is offered, plain NTLM is not: the peer may accept Kerberos only',
    'if the sign-on fails, use single sign-on with a ticket (--sso)',
  ],
  'closes-connection': [
    'warning',
    'peer',
    'the connection is closed after the first demand for credentials',
    'it works, at the price of one more connection; keep-alive could be allowed there',
  ],
  'http-1.0': [
    'note',
    'peer',
    'the peer speaks HTTP/1.0',
    'it works where the connection is kept; newer software would be quicker',
  ],
  'server-asks': [
    'error',
    'configuration',
    'the server itself asks for NTLM, and it is not named as one that may see the credentials',
    'name it with --server, or in the option servers',
  ],
  // The sign-on.
  'signed-on': ['note', 'nobody', 'the sign-on works', 'nothing has to be done'],
  'no-credentials': [
    'error',
    'credentials',
    'credentials are asked for, and none are given',
    'give --user, set NTLM_USERNAME and NTLM_PASSWORD, or sign on as the user of this machine with --sso',
  ],
  'credentials-refused': [
    'error',
    'credentials',
    'the credentials were refused: the name or the password is wrong, or the account is disabled, expired or locked, which is not told',
    'try them elsewhere, such as at the log-on of a machine; they were sent once, and repeating a wrong password locks the account',
  ],
  'account-locked': [
    'error',
    'credentials',
    'the account is locked, as the peer tells',
    'wait until the lock is over, or have it unlocked; find out which program keeps trying an old password',
  ],
  'account-disabled': [
    'error',
    'credentials',
    'the account is disabled, as the peer tells',
    'ask the administrators of the accounts',
  ],
  'account-expired': [
    'error',
    'credentials',
    'the account has expired, as the peer tells',
    'ask the administrators of the accounts',
  ],
  'password-expired': [
    'error',
    'credentials',
    'the password has expired or must be changed, as the peer tells',
    'change it, such as at the log-on of a machine; NTLM itself cannot',
  ],
  'logon-not-allowed': [
    'error',
    'policy',
    'the account may not log on at this time, from this machine or in this way, as the peer tells',
    'ask the administrators for hours, machines and kinds of log-on that are allowed (--workstation tells another name)',
  ],
  'ntlm-blocked': [
    'error',
    'policy',
    'the peer does not take NTLM, although it speaks of a scheme that may carry it: a policy blocks NTLM, or Kerberos is meant',
    'use single sign-on with a Kerberos ticket (--sso), or have NTLM allowed for this server',
  ],
  'clock-skew': [
    'error',
    'configuration',
    "this machine's clock and the peer's are more than five minutes apart, which makes sign-ons fail",
    'set the clock',
  ],
  'clock-differs': [
    'warning',
    'configuration',
    "this machine's clock and the peer's are more than five minutes apart",
    'set the clock: other peers refuse because of it',
  ],
  'ntlmv1-demanded': [
    'error',
    'policy',
    'the peer seems to understand only NTLMv1, which is not sent',
    'have NTLMv2 allowed there (LmCompatibilityLevel 3 or more)',
  ],
  'no-target-info': [
    'warning',
    'peer',
    'the challenge names no server and no time, as software from before NTLMv2 does',
    'there is no protection against relaying; newer software would have it',
  ],
  'no-timestamp': [
    'note',
    'peer',
    'the challenge has no time, so the messages go without an integrity code',
    'it works; Windows has sent the time since Vista',
  ],
  'channel-binding-suspected': [
    'error',
    'policy',
    'the server may require extended protection, and the handshake was not bound to its certificate',
    'leave channelBindings at auto; where TLS is inspected on the way, have this server left out of it',
  ],
  'token-lost': [
    'error',
    'network',
    'the first message of the handshake is not answered with a challenge: something on the way may take the header out',
    'look for a device between that rewrites headers, such as a second proxy or a filter',
  ],
  'closed-mid-handshake': [
    'error',
    'network',
    'the connection is closed in the middle of the handshake',
    'NTLM needs one connection that stays open: look for a load balancer or a firewall in between',
  ],
  'handshake-timeout': [
    'error',
    'network',
    'the handshake does not come to an end in time',
    'the peer may wait for its domain controller; ask the administrators',
  ],
  'challenge-damaged': [
    'error',
    'peer',
    'the challenge cannot be read',
    'look at it with ntlm-wasm decode; something on the way may cut or change headers',
  ],
  'sso-unavailable': [
    'error',
    'credentials',
    'the operating system has nothing to sign on with',
    'give a user name and a password, or mend what is named',
  ],
  'asks-again-and-again': [
    'error',
    'peer',
    'the peer asks for one handshake after another',
    'a load balancer may send each request to another server: have it keep clients at one',
  ],
  // Behind the sign-on.
  forbidden: [
    'error',
    'policy',
    'the request is forbidden, and not for want of a sign-on',
    'a policy for this user or this address says so: ask the administrators',
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
    'the proxy, or the network behind it, cannot reach the server',
    'check the address; otherwise wait, or ask the administrators of the proxy',
  ],
  'server-error': [
    'warning',
    'peer',
    'the server answers with an error',
    'the way there works: ask those who run the server',
  ],
  'not-found': ['note', 'nobody', 'the server does not have this page', 'the way there works: check the address'],
  'log-in-page': [
    'note',
    'peer',
    'the server sends one to another place, which may be a page to log on at',
    'the way there works; the page has a log-on of its own',
  ],
  'tls-inspected': [
    'warning',
    'policy',
    'the certificate comes from an authority that only this network trusts: TLS is inspected on the way, or the server is an internal one',
    'give the certificate of the authority to programs (--ca, NODE_EXTRA_CA_CERTS); channel bindings of the server cannot hold behind inspection',
  ],
  'certificate-untrusted': [
    'error',
    'configuration',
    'the certificate of the server is not trusted here',
    'if TLS is inspected in this network, give the certificate of its authority with --ca',
  ],
  'certificate-wrong-name': [
    'error',
    'peer',
    'the certificate belongs to another name',
    'check the address; a portal or an inspecting device may stand in for the server',
  ],
  'certificate-expired': [
    'error',
    'peer',
    'the certificate has expired, or is not valid yet',
    "check this machine's clock; otherwise ask those who run the server",
  ],
  'handshake-failed': ['error', 'peer', 'the handshake fails', 'see the error that is named'],
  crashed: ['error', 'nobody', 'a probe of this program has crashed', 'please report it, with this report'],
} as const satisfies Record<string, Entry>;

export type FindingId = keyof typeof TABLE;

export const FINDING_IDS = Object.keys(TABLE) as FindingId[];

/** A finding; `detail` stands in brackets behind what it says, `advice` is a better next step than the usual one. */
export function finding(id: FindingId, detail?: string, advice?: string): Finding {
  const [severity, fault, text, nextStep]: Entry = TABLE[id];
  const said = detail === undefined ? text : `${text} (${detail})`;
  return { id, severity, fault, text: said, nextStep: advice ?? nextStep };
}
