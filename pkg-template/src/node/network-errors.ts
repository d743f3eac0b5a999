import { NtlmError } from '../errors.js';

/**
 * Connection errors up to the first response, each with a code and advice. The core creates the errors about rejected
 * credentials (`ERR_NTLM_REJECTED` and related codes).
 */

export function proxyUnreachable(proxy: string, cause: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_PROXY_UNREACHABLE', `the proxy ${proxy} cannot be reached`, {
    advice: 'check its name and port, and whether this network is the one where it lives',
    cause,
  });
}

/** Whether TLS failed because the server supports none of the offered protocols. */
export function isHttp2Only(error: unknown): boolean {
  return /NO_APPLICATION_PROTOCOL/.test(String((error as NodeJS.ErrnoException | undefined)?.code));
}

export function http2Only(peer: string, cause: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_HTTP2_ONLY', `${peer} does not speak HTTP/1.1`, {
    advice: 'NTLM signs on a connection, which HTTP/2 does not let it have: switch HTTP/1.1 on in the server as well',
    cause,
  });
}

export function closedMidHandshake(peer: string, cause?: unknown): NtlmError {
  return new NtlmError(
    'ERR_NTLM_CLOSED_MID_HANDSHAKE',
    `${peer} closed the connection in the middle of the handshake`,
    {
      advice:
        'NTLM needs one connection that stays open: look for a load balancer or firewall in between, or a limit of the server',
      cause,
    },
  );
}

export function closedMidResponse(peer: string, cause?: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_CLOSED_MID_RESPONSE', `${peer} closed the connection before its answer was complete`, {
    advice: 'send the request again if it is one that may be carried out twice',
    cause,
  });
}

export function handshakeTimeout(peer: string, milliseconds: number): NtlmError {
  return new NtlmError(
    'ERR_NTLM_HANDSHAKE_TIMEOUT',
    `${peer} did not complete the connection within ${milliseconds} ms`,
    {
      advice: 'raise handshakeTimeout if the network is slow; otherwise the peer or something in front of it is stuck',
    },
  );
}

export function notHttp(peer: string, cause: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_RESPONSE', `${peer} answered with something that is not HTTP/1.1`, {
    advice: 'check that the port is the one of an HTTP proxy or server, and whether it wants TLS',
    cause,
  });
}

/** `status` is the proxy's response to CONNECT. The local proxy passes it on. */
export function tunnelRefused(peer: string, target: string, status: number): NtlmError & { readonly status: number } {
  const error = new NtlmError(
    'ERR_NTLM_TUNNEL_REFUSED',
    `${peer} answered ${status} to the request for a tunnel to ${target}`,
    { advice: 'authentication is not the problem: check the policy of the proxy, and the name and port of the target' },
  );
  return Object.assign(error, { status });
}

export function ownUpstream(url: string): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', `the local proxy ${url} would be its own upstream proxy`, {
    advice: 'give the address of the real proxy: HTTP_PROXY and the like name this one already',
  });
}

/** `challenges` are the values of Proxy-Authenticate. */
export function credentialsRequired(peer: string, challenges: readonly string[]): NtlmError {
  const schemes = challenges.flatMap((challenge) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/.exec(challenge)?.[0] ?? []);
  const offered = schemes.length === 0 ? '' : ` (it offers ${schemes.join(', ')})`;
  return new NtlmError(
    'ERR_NTLM_CREDENTIALS_REQUIRED',
    `${peer} asks who is there${offered} and no credentials were given`,
    {
      advice:
        'pass credentials, set NTLM_USERNAME and NTLM_PASSWORD, put them into the URL of the proxy, or use single sign-on (--sso)',
    },
  );
}

export function bodyNotReplayable(peer: string, limit: number): NtlmError {
  return new NtlmError(
    'ERR_NTLM_BODY_NOT_REPLAYABLE',
    `${peer} asked for another sign-on after more than ${limit} bytes of the body had gone`,
    {
      advice: 'send the request again: the body was too long to be kept, and only its source can produce it once more',
    },
  );
}

export function tooManyLegs(peer: string): NtlmError {
  return new NtlmError('ERR_NTLM_TOO_MANY_LEGS', `${peer} keeps asking for another leg of the handshake`, {
    advice: 'something between here and the server loses the connection that the handshake belongs to',
  });
}

export function unsolicitedBytes(peer: string): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_RESPONSE', `${peer} sent bytes that nobody had asked for`, {
    advice: 'the connection was closed, because nobody can say to which request they belong',
  });
}

/** An error without a specific code: a network failure on a direct route, or a bug in this package. */
export function unexpectedFailure(host: string, cause: Error): NtlmError {
  const reason = (cause as NodeJS.ErrnoException).code;
  if (reason === undefined) {
    return new NtlmError('ERR_NTLM_INTERNAL', `the request failed for an unexpected reason: ${cause.message}`, {
      advice: 'please report it, with what was going on',
      cause,
    });
  }
  return new NtlmError('ERR_NTLM_TARGET_UNREACHABLE', `${host} cannot be reached directly (${reason})`, {
    advice: 'check the name; if this network has a proxy, give it with --proxy, or set HTTPS_PROXY',
    cause,
  });
}

export function badTarget(message: string, advice: string): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_TARGET', message, { advice });
}

/** The properties besides `code` that programs read from Node's errors. */
const FACTS = [
  'errno',
  'syscall',
  'address',
  'port',
  'hostname',
  'host',
  'reason',
  'cert',
  'library',
  'errors',
] as const;

/**
 * A server that is unreachable, directly or through a tunnel. Code and message match those of Node's agents, because programs
 * compare them. `cause` is the system error.
 */
export function serverUnreachable(peer: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof NtlmError) return cause;
  const { code = 'ECONNRESET' } = cause as NodeJS.ErrnoException;
  // Node reports OpenSSL errors during the handshake as a failed write.
  const isTls = code.startsWith('ERR_SSL_');
  const message = isTls ? `write EPROTO ${cause.message.trim()}` : cause.message;
  const advice = isTls ? tlsAdvice(peer) : adviceFor(code, peer);
  const error = new NtlmError(isTls ? 'EPROTO' : code, message, { advice, cause });
  for (const name of FACTS) {
    const value = (cause as unknown as Record<string, unknown>)[name];
    if (value !== undefined) Object.assign(error, { [name]: value });
  }
  return isTls ? Object.assign(error, { syscall: 'write' }) : error;
}

function adviceFor(code: string, peer: string): string {
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return 'check the name; if this network has a proxy, name it: it resolves the names of servers outside';
    case 'ECONNREFUSED':
      return `check the port, and whether ${peer} is running`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `use the name that the certificate of ${peer} is for`;
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'check the clock of this machine, and renew the certificate';
    default:
      return isOfCertificate(code)
        ? 'trust the authority that issued the certificate: its file in NODE_EXTRA_CA_CERTS, or tls: { ca }'
        : 'check the name and the port; if this network has a proxy, name it';
  }
}

/** Whether an OpenSSL error code is about trust. */
function isOfCertificate(code: string): boolean {
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/.test(code);
}

function tlsAdvice(peer: string): string {
  return `check that ${peer} speaks TLS on this port, and which versions; otherwise use http:`;
}

/** TLS to an `https:` proxy failed. */
export function proxyTlsFailed(proxy: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof NtlmError) return cause;
  const { code = '' } = cause as NodeJS.ErrnoException;
  const untrusted = isOfCertificate(code);
  return new NtlmError(
    'ERR_NTLM_PROXY_TLS',
    untrusted
      ? `the certificate of the proxy ${proxy} is not trusted (${code})`
      : `the proxy ${proxy} does not speak TLS (${code})`,
    {
      advice: untrusted
        ? 'trust the authority that issued it: its file in NODE_EXTRA_CA_CERTS, or proxyTls: { ca }'
        : 'write http:// in the URL of the proxy: that is how most proxies are spoken to, for https: addresses too',
      cause,
    },
  );
}

/** Converts undici's error about a connection that was open. */
export function fetchFailed(cause: NodeJS.ErrnoException): NtlmError {
  if (cause instanceof NtlmError) return cause;
  const { code = 'ERR_NTLM_INTERNAL', message } = cause;
  if (['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'].includes(code)) {
    return closedMidResponse('the server', cause);
  }
  const advice = code.endsWith('_TIMEOUT')
    ? 'raise headersTimeout and bodyTimeout if the server is slow'
    : 'the cause has the details';
  return new NtlmError(code, message, { advice, cause });
}
