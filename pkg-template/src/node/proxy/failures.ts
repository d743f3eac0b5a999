import { NtlmError } from '../../errors.js';

/** What goes wrong behind the local proxy after, or without, a sign-on. */

export function closedMidResponse(peer: string, cause?: unknown): NtlmError {
  return new NtlmError('ERR_NTLM_CLOSED_MID_RESPONSE', `${peer} closed the connection before the end of its answer`, {
    advice: 'Try again; if that does not help, look for a limit of the server, or a firewall in between.',
    cause,
  });
}

/** A direct route that leads nowhere: the target is down, or cannot be reached without a proxy. */
export function targetUnreachable(host: string, cause: Error): NtlmError {
  const reason = (cause as NodeJS.ErrnoException).code ?? cause.message;
  return new NtlmError('ERR_NTLM_TARGET_UNREACHABLE', `${host} cannot be reached directly (${reason})`, {
    advice: 'Check the name; if this network has a proxy, give it with --proxy, or set HTTPS_PROXY.',
    cause,
  });
}

export function badTarget(message: string, advice: string): NtlmError {
  return new NtlmError('ERR_NTLM_BAD_TARGET', message, { advice });
}
