import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { HttpAuthenticator, type HttpScheme } from '../../http-authenticator.js';
import type { Authenticator } from './session.js';
import { type Credentials, type Identity, SystemIdentity } from '../credentials/index.js';
import { SystemAuthenticator } from './system-authenticator.js';
import { FallbackAuthenticator } from './system-authenticator.js';

export interface AuthenticatorWishes {
  readonly isProxy: boolean;
  readonly host: string;
  readonly schemes: readonly HttpScheme[] | undefined;
  /** The certificate that the handshake is bound to. */
  readonly certificate: Uint8Array | undefined;
}

/** Signs on one connection: by this package's own core, or by the operating system. */
export function createAuthenticator(identity: Identity, wishes: AuthenticatorWishes): Authenticator {
  const { isProxy, host, schemes, certificate } = wishes;
  const byCore = (credentials: Credentials): HttpAuthenticator =>
    new HttpAuthenticator({
      ...credentials,
      isProxy,
      targetName: `HTTP/${host}`,
      ...(schemes === undefined ? {} : { schemes }),
      ...(certificate === undefined ? {} : { channelBindings: certificate }),
    });
  if (!(identity instanceof SystemIdentity)) return byCore(identity);
  const { username, password, domain, ...rest } = identity.system;
  const explicit = username === undefined || password === undefined ? undefined : { username, password };
  const system = new SystemAuthenticator({
    ...rest,
    isProxy,
    host,
    ...(schemes === undefined ? {} : { schemes }),
    ...(certificate === undefined ? {} : { certificate }),
    ...(explicit === undefined ? {} : { credentials: { ...explicit, ...(domain === undefined ? {} : { domain }) } }),
  });
  const { reserve } = identity;
  return reserve === undefined ? system : new FallbackAuthenticator(system, () => byCore(reserve));
}

/** What a handshake can be bound to (RFC 5929, tls-server-end-point): the certificate that this socket was shown. */
export function certificateOf(socket: Socket): Uint8Array | undefined {
  if (!('getPeerCertificate' in socket)) return undefined;
  const { raw } = (socket as TLSSocket).getPeerCertificate();
  return raw instanceof Uint8Array ? raw : undefined;
}
