import { createHmac, randomBytes } from 'node:crypto';
import { type Credentials, MaskedCredentials } from './explicit.js';
import { SystemIdentity } from './system.js';

/** What one connection signs on with. */
export type Identity = Credentials | SystemIdentity;

const identityKey = randomBytes(32);
const identities = new WeakMap<Identity, string>();

/**
 * The same for the same credentials and, without the key that never leaves this process, worth nothing: a pool may keep
 * it and a log may show it.
 */
export function credentialIdentity(credentials: Identity): string {
  const known = identities.get(credentials);
  if (known !== undefined) return known;
  const parts = JSON.stringify(partsOf(credentials));
  const identity = createHmac('sha256', identityKey).update(parts).digest('base64url').slice(0, 22);
  // Only our own copies: an object of the caller's may change.
  if (credentials instanceof MaskedCredentials || credentials instanceof SystemIdentity) {
    identities.set(credentials, identity);
  }
  return identity;
}

function partsOf(credentials: Identity): unknown[] {
  if (credentials instanceof SystemIdentity) {
    const { system, reserve } = credentials;
    return ['system', Object.entries(system).sort(), reserve === undefined ? null : partsOf(reserve)];
  }
  const { username = '', password, ntHash, domain = '', workstation = '' } = credentials;
  const hash = typeof ntHash === 'string' ? ntHash.toLowerCase() : Buffer.from(ntHash ?? []).toString('hex');
  return [username, domain, workstation, password ?? null, hash];
}
