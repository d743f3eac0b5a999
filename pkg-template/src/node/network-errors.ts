import { NtlmError } from '../errors.js';

/**
 * Connection errors up to the first response, each with a code and advice. The core creates the errors about rejected
 * credentials (`ERR_NTLM_REJECTED` and related codes).
 */

export function proxyUnreachable(proxy: string, cause: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_PROXY_UNREACHABLE', `the proxy ${proxy} cannot be reached`, {
    advice: 'check its host name and port, and whether it belongs to this network',
    cause,
  });
}

/** Whether TLS failed because the server supports none of the offered protocols. */
export function isHttp2Only(error: unknown): boolean {
  return /NO_APPLICATION_PROTOCOL/.test(String((error as NodeJS.ErrnoException | undefined)?.code));
}

export function http2Only(peer: string, cause: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_HTTP2_ONLY', `${peer} does not support HTTP/1.1`, {
    advice: 'NTLM authenticates a connection, which HTTP/2 does not allow: enable HTTP/1.1 on the server',
    cause,
  });
}

export function closedMidHandshake(peer: string, cause?: unknown): NtlmError {
  return new NtlmError(
    'ERR_NTLM_CLOSED_MID_HANDSHAKE',
    `${peer} closed the connection in the middle of the handshake`,
    {
      advice:
        'NTLM requires a persistent connection: look for a load balancer, a firewall or a server limit that closes it',
      cause,
    },
  );
}

export function closedMidResponse(peer: string, cause?: unknown): NtlmError {
  return new NtlmError(
    'ERR_NTLM_CLOSED_MID_RESPONSE',
    `${peer} closed the connection before the response was complete`,
    {
      advice: 'send the request again if it is safe to repeat',
      cause,
    },
  );
}

export function handshakeTimeout(peer: string, milliseconds: number): NtlmError {
  return new NtlmError(
    'ERR_NTLM_HANDSHAKE_TIMEOUT',
    `${peer} did not complete the handshake within ${milliseconds} ms`,
    {
      advice:
        'increase handshakeTimeout if the network is slow; otherwise check the peer and the devices in front of it',
    },
  );
}

export function notHttp(peer: string, cause: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_RESPONSE', `${peer} sent a response that is not HTTP/1.1`, {
    advice: 'check that the port belongs to an HTTP proxy or server, and whether it requires TLS',
    cause,
  });
}

/** `status` is the proxy's response to CONNECT. The local proxy passes it on. */
export function tunnelRefused(peer: string, target: string, status: number): NtlmError & { readonly status: number } {
  const error = new NtlmError(
    'ERR_NTLM_TUNNEL_REFUSED',
    `${peer} rejected the tunnel to ${target} with status ${status}`,
    { advice: 'authentication is not the problem: check the proxy policy, and the host name and port of the target' },
  );
  return Object.assign(error, { status });
}

export function ownUpstream(url: string): NtlmError {
  return new NtlmError('ERR_NTLM_INVALID_OPTION', `the local proxy ${url} would be its own upstream proxy`, {
    advice: 'set the URL of the real proxy: HTTP_PROXY or a similar variable names the local one',
  });
}

/** @param challenges the values of Proxy-Authenticate. */
export function credentialsRequired(peer: string, challenges: readonly string[]): NtlmError {
  const schemes = challenges.flatMap((challenge) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/.exec(challenge)?.[0] ?? []);
  const offered = schemes.length === 0 ? '' : ` (it offers ${schemes.join(', ')})`;
  return new NtlmError(
    'ERR_NTLM_CREDENTIALS_REQUIRED',
    `${peer} requires authentication${offered} and no credentials are set`,
    {
      advice:
        'pass credentials, set NTLM_USERNAME and NTLM_PASSWORD, add them to the proxy URL, or use single sign-on (--sso)',
    },
  );
}

export function bodyNotReplayable(peer: string, limit: number): NtlmError {
  return new NtlmError(
    'ERR_NTLM_BODY_NOT_REPLAYABLE',
    `${peer} required authentication again after more than ${limit} bytes of the request body were sent`,
    {
      advice: 'send the request again: the body was too long to buffer, and only its source can produce it again',
    },
  );
}

export function tooManyLegs(peer: string): NtlmError {
  return new NtlmError('ERR_NTLM_TOO_MANY_LEGS', `${peer} keeps requesting another leg of the handshake`, {
    advice: 'check for a device that switches connections during the handshake, such as a load balancer',
  });
}

export function unsolicitedBytes(peer: string): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_RESPONSE', `${peer} sent data that belongs to no request`, {
    advice: 'the connection was closed; send the request again, and check the peer if this happens often',
  });
}

/** An error without a specific code: a network failure on a direct route, or a bug in this package. */
export function unexpectedFailure(host: string, cause: Error): NtlmError {
  const reason = (cause as NodeJS.ErrnoException).code;
  if (reason === undefined) {
    return new NtlmError('ERR_NTLM_INTERNAL', `the request failed for an unexpected reason: ${cause.message}`, {
      advice: 'report this as a bug, with the steps that led to it',
      cause,
    });
  }
  return new NtlmError('ERR_NTLM_TARGET_UNREACHABLE', `${host} cannot be reached directly (${reason})`, {
    advice: 'check the host name; if this network requires a proxy, set --proxy or HTTPS_PROXY',
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
      return 'check the host name; if this network requires a proxy, configure it: the proxy resolves external names';
    case 'ECONNREFUSED':
      return `check the port, and whether ${peer} is running`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `use a host name that the certificate of ${peer} covers`;
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return 'check the clock of this machine, and the validity period of the certificate';
    default:
      return isOfCertificate(code)
        ? 'trust the issuer of the certificate: set NODE_EXTRA_CA_CERTS to its file, or tls: { ca }'
        : 'check the host name and port; if this network requires a proxy, configure it';
  }
}

/** Whether an OpenSSL error code is about trust. */
function isOfCertificate(code: string): boolean {
  return /^(CERT_|DEPTH_ZERO_|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT)/.test(code);
}

function tlsAdvice(peer: string): string {
  return `check that ${peer} supports TLS on this port, and which versions; otherwise use http:`;
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
      : `the proxy ${proxy} does not support TLS (${code})`,
    {
      advice: untrusted
        ? 'trust the issuer of the certificate: set NODE_EXTRA_CA_CERTS to its file, or proxyTls: { ca }'
        : 'use http:// in the proxy URL: most proxies expect it, for https: targets too',
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
    ? 'increase headersTimeout and bodyTimeout if the server is slow'
    : 'see the cause for details';
  return new NtlmError(code, message, { advice, cause });
}
