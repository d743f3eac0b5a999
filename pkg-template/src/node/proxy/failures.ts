import { NtlmError } from '../../errors.js';

/** What goes wrong behind the local proxy after, or without, a sign-on. */

export function closedMidResponse(peer: string, cause?: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_CLOSED_MID_RESPONSE', `${peer} closed the connection before the end of its answer`, {
    advice: 'try again; if that does not help, look for a limit of the server, or a firewall in between',
    cause,
  });
}

/** What is no error of ours: of the network, on a direct route, or a mistake in this program. */
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
