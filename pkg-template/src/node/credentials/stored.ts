import { randomBytes } from 'node:crypto';
import { NtlmError } from '../../errors.js';
import { fileKeyStore, type KeyStore, systemKeyStore } from '../key-store.js';
import type { Credentials } from './identity.js';

const ENTRY = 'credentials';
const LABEL = 'Password for ntlm-wasm';

/** Credentials with the name of their store. */
export interface StoredCredentials {
  readonly store: string;
  readonly credentials: Credentials;
}

/** Returns the stores to search for credentials, best first. */
function stores(): KeyStore[] {
  const system = systemKeyStore();
  return [...(system instanceof NtlmError ? [] : [system]), fileKeyStore()];
}

/** Returns the credentials stored by "ntlm-wasm credential set". An unusable key store counts as empty. */
export async function storedCredentials(): Promise<StoredCredentials | undefined> {
  for (const store of stores()) {
    const text = await store.read(ENTRY).catch(() => undefined);
    const credentials = text === undefined ? undefined : parsed(text);
    if (credentials !== undefined) return { store: store.name, credentials };
  }
  return undefined;
}

/** Returns the stored credentials for `credentials: 'keychain'`. Throws `ERR_NTLM_CREDENTIALS_REQUIRED` if there are none. */
export async function requiredCredentials(): Promise<Credentials> {
  const system = systemKeyStore();
  let failure = system instanceof NtlmError ? system : undefined;
  for (const store of stores()) {
    try {
      const text = await store.read(ENTRY);
      const credentials = text === undefined ? undefined : parsed(text);
      if (credentials !== undefined) return credentials;
    } catch (error) {
      failure ??= error as NtlmError;
    }
  }
  throw new NtlmError(
    'ERR_NTLM_CREDENTIALS_REQUIRED',
    `no credentials are stored${failure === undefined ? '' : `; ${failure.message}`}`,
    { advice: 'store them with "ntlm-wasm credential set"' },
  );
}

/** Stores credentials in a key store. The file store contains only their NT hash. */
export async function storeCredentials(credentials: Credentials, store: KeyStore): Promise<void> {
  const { username, password, ntHash, domain, workstation } = credentials;
  await store.write(ENTRY, LABEL, JSON.stringify({ username, password, ntHash, domain, workstation }));
}

/** Deletes the credentials from all stores. Returns the names of the stores that contained them. */
export async function deleteCredentials(): Promise<string[]> {
  const deleted: string[] = [];
  for (const store of stores()) if (await store.delete(ENTRY).catch(() => false)) deleted.push(store.name);
  return deleted;
}

function parsed(text: string): Credentials | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    const { username, password, ntHash } = value ?? {};
    if (typeof username !== 'string' || (typeof password !== 'string' && typeof ntHash !== 'string')) return undefined;
    return value as Credentials;
  } catch {
    return undefined;
  }
}

const SECRET_ENTRY = 'local-proxy-secret';

/** Returns the stored secret of the local proxy service, which keeps its URL stable. */
export async function storedProxySecret(): Promise<string | undefined> {
  for (const store of stores()) {
    const secret = await store.read(SECRET_ENTRY).catch(() => undefined);
    if (secret !== undefined && secret !== '') return secret;
  }
  return undefined;
}

/** Stores the secret in the key store, or in a file if that is unusable. */
async function storeProxySecret(secret: string): Promise<void> {
  const system = systemKeyStore();
  if (!(system instanceof NtlmError)) {
    try {
      await system.write(SECRET_ENTRY, 'Secret of the local proxy of ntlm-wasm', secret);
      return;
    } catch {
      // A file is sufficient for a secret that is valid only on this machine.
    }
  }
  await fileKeyStore().write(SECRET_ENTRY, '', secret);
}

/** Returns the stored secret, or stores a new one if there is none. */
export async function ensureProxySecret(): Promise<string> {
  const stored = await storedProxySecret();
  if (stored !== undefined) return stored;
  const secret = randomBytes(24).toString('base64url');
  await storeProxySecret(secret);
  return secret;
}

/** Deletes the secret from all stores. */
export async function deleteProxySecret(): Promise<void> {
  for (const store of stores()) await store.delete(SECRET_ENTRY).catch(() => false);
}
