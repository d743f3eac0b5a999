import {
  chmodSync,
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, posix, win32 } from 'node:path';
import { NtlmError } from '../errors.js';
import { findAddon } from './system-addon.js';

/** A store for the secrets of this user. */
export interface KeyStore {
  /** The display name of the store. */
  readonly name: string;
  read(entry: string): Promise<string | undefined>;
  /** Stores a secret. `label` is the text that the key store's own program shows. */
  write(entry: string, label: string, secret: string): Promise<void>;
  /** Deletes an entry. Resolves with false if there was none. */
  delete(entry: string): Promise<boolean>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Returns the system's key store, or an error if there is none. Its methods can still fail. */
export function systemKeyStore(): KeyStore | NtlmError {
  const found = findAddon();
  if (!('addon' in found)) {
    const tried = found.attempts.map((attempt) => `${attempt.tried}: ${attempt.reason}`).join('; ');
    return unavailable(
      `the key store needs the addon for this system, which cannot be loaded (${tried})`,
      'install it with "npm install ntlm-wasm --include=optional", or store the password with "credential set --file"',
    );
  }
  const { KEY_STORE_NAME: name, readSecret, writeSecret, deleteSecret } = found.addon;
  if (name === undefined || !readSecret || !writeSecret || !deleteSecret) {
    return unavailable('the addon knows no key store', 'update it to the version of this package');
  }
  return {
    name,
    read: async (entry) => (await coded(readSecret(entry))) ?? undefined,
    write: async (entry, label, secret) => void (await coded(writeSecret(entry, label, secret))),
    delete: (entry) => coded(deleteSecret(entry)),
  };
}

/** Returns a store for systems without a key store: one file per entry that only this user can read. */
export function fileKeyStore(env: Environment = process.env, platform: NodeJS.Platform = process.platform): KeyStore {
  const folder = privateFolder(env, platform);
  const { join } = platform === 'win32' ? win32 : posix;
  const fileOf = (entry: string): string => join(folder, `${entry}.secret`);
  return {
    name: folder,
    async read(entry) {
      const file = fileOf(entry);
      try {
        if (platform !== 'win32') checkPrivate(file);
        return readFileSync(file, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(entry, _label, secret) {
      const file = fileOf(entry);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      // The mode applies only to new files, and a link could point elsewhere.
      rmSync(file, { force: true });
      const descriptor = openSync(file, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        writeSync(descriptor, secret);
      } finally {
        closeSync(descriptor);
      }
      chmodSync(file, 0o600);
    },
    async delete(entry) {
      try {
        rmSync(fileOf(entry));
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
        throw error;
      }
    },
  };
}

function privateFolder(env: Environment, platform: NodeJS.Platform): string {
  if (platform === 'win32') {
    return win32.join(env['LOCALAPPDATA'] || win32.join(homedir(), 'AppData', 'Local'), 'ntlm-wasm');
  }
  const home = env['HOME'] || homedir();
  if (platform === 'darwin') return posix.join(home, 'Library/Application Support/ntlm-wasm');
  const folder = env['XDG_CONFIG_HOME'];
  return posix.join(folder?.startsWith('/') === true ? folder : posix.join(home, '.config'), 'ntlm-wasm');
}

function checkPrivate(file: string): void {
  const { mode, uid } = statSync(file);
  if ((mode & 0o077) === 0 && (process.getuid === undefined || uid === process.getuid())) return;
  throw new NtlmError('ERR_NTLM_KEY_STORE_REFUSED', `${file} can be read by others, so it is not used`, {
    advice: `restrict it with "chmod 600 ${file}", and change the password if others could read it`,
  });
}

async function coded<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const { code, message, advice } = error as { code?: string; message: string; advice?: string };
    throw new NtlmError(code?.startsWith('ERR_NTLM_') === true ? code : 'ERR_NTLM_INTERNAL', message, {
      advice: advice ?? 'report this as a bug, with the steps that led to it',
    });
  }
}

function unavailable(message: string, advice: string): NtlmError {
  return new NtlmError('ERR_NTLM_KEY_STORE_UNAVAILABLE', message, { advice });
}
