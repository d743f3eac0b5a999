/** The authenticated user of a request, in `req.ntlm`. The property names are those of express-ntlm. */
export interface NtlmUser {
  readonly UserName: string;
  readonly DomainName: string;
  readonly Workstation: string;
  readonly Authenticated: true;
}

declare module 'http' {
  interface IncomingMessage {
    /** The authenticated user, if the request passed through {@link ntlmAuth}. */
    ntlm?: NtlmUser;
  }
}

/** Verifies one handshake: returns message 2 for message 1, then the user for message 3. */
export interface Verifier {
  challenge(token: string): string | Promise<string>;
  authenticate(token: string): Promise<{ user: NtlmUser; token: string | undefined }>;
  /** Called when the handshake is abandoned. */
  close?(): void;
}

export function userOf(username: string, domain: string, workstation: string): NtlmUser {
  return Object.freeze({ UserName: username, DomainName: domain, Workstation: workstation, Authenticated: true });
}
