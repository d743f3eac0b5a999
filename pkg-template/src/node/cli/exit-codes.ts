/** Exit status of the program. `run` returns the exit status of its command instead. */
export const ExitCode = {
  /** Success. */
  ok: 0,
  /** Any other failure. */
  failed: 1,
  /** Invalid command line. */
  usage: 2,
  /** The credentials were rejected, or are missing. */
  refused: 3,
  /** The proxy or the server cannot be reached. */
  unreachable: 4,
  /** `fetch --fail`: the server answered with a status of 400 or more. */
  httpError: 22,
  /** `run`: the command is not executable, or was not found. The values are those of a shell. */
  notExecutable: 126,
  notFound: 127,
} as const;

const BY_ERROR: Readonly<Record<string, number>> = {
  ERR_NTLM_REJECTED: ExitCode.refused,
  ERR_NTLM_CREDENTIALS_REQUIRED: ExitCode.refused,
  ERR_NTLM_CREDENTIALS_INCOMPLETE: ExitCode.refused,
  ERR_NTLM_SCHEME_NOT_OFFERED: ExitCode.refused,
  ERR_NTLM_PROXY_UNREACHABLE: ExitCode.unreachable,
  ERR_NTLM_TARGET_UNREACHABLE: ExitCode.unreachable,
  ERR_NTLM_HANDSHAKE_TIMEOUT: ExitCode.unreachable,
  ECONNREFUSED: ExitCode.unreachable,
  ECONNRESET: ExitCode.unreachable,
  EHOSTUNREACH: ExitCode.unreachable,
  ENOTFOUND: ExitCode.unreachable,
  ETIMEDOUT: ExitCode.unreachable,
};

export function exitCodeOf(errorCode: string | undefined): number {
  // There are no credentials of the current user.
  if (errorCode?.startsWith('ERR_NTLM_SSO_') === true) return ExitCode.refused;
  return BY_ERROR[errorCode ?? ''] ?? ExitCode.failed;
}
