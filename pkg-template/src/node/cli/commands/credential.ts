import { NtlmError } from '../../../errors.js';
import { ntHash } from '../../../client.js';
import type { Credentials } from '../../credentials/index.js';
import { deleteCredentials, storeCredentials, storedCredentials } from '../../credentials/stored.js';
import { fileKeyStore, systemKeyStore } from '../../key-store.js';
import { type Command, type CommandInput, quoted, UsageError } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { settings } from '../settings.js';
import { askPassword, printable, readPasswordFromInput } from '../terminal.js';

const ACTIONS = ['set', 'delete', 'status'];

export const command: Command = {
  name: 'credential',
  synopsis: `[options] ${ACTIONS.join('|')}`,
  about:
    'Stores the user name and password in the system key store. This is Windows Credential Manager, the macOS keychain, or the Secret Service (GNOME Keyring, KWallet, KeePassXC). run, proxy, connect, fetch and diagnose use them unless another user is given.',
  options: {
    hash: { type: 'boolean', help: 'set: store the NT hash instead of the password, which it does not reveal' },
    file: {
      type: 'boolean',
      help: 'set: store the NT hash in a file that only this user can read, instead of the key store',
    },
    ...settings('config', 'user', 'domain', 'workstation', 'password-stdin'),
  },
  choices: ACTIONS,
  examples: [
    ["ntlm-wasm credential set --user 'CORP\\alice'", 'prompt for the password and store it'],
    ['ntlm-wasm credential status', 'print which user is stored, and where'],
  ],
  notes:
    'Access to the key store requires the native addon. Without the addon or a key store, the NT hash is stored in a file with mode 600, after a warning. Anyone who can read that file can authenticate as the user.',
  async run(input) {
    const [action = '', ...more] = input.operands;
    if (action === '') throw new UsageError('there is no action', `write one of ${ACTIONS.join(', ')}`);
    if (!ACTIONS.includes(action))
      throw new UsageError(`unexpected ${quoted(action)}`, `write one of ${ACTIONS.join(', ')}`);
    // Not quoted, because it may be the password.
    if (more.length > 0) throw new UsageError(`unexpected argument after "${action}"`, 'the password is prompted for');
    if (action === 'set') return set(input);
    return action === 'delete' ? remove() : status();
  },
};

async function set({ options }: CommandInput): Promise<number> {
  const username = (options['user'] as string | undefined) ?? process.env['NTLM_USERNAME'];
  if (!username) throw new UsageError('there is no user name', 'pass --user, or set NTLM_USERNAME');
  const fromInput = options['password-stdin'] === true || !process.stdin.isTTY;
  const password = fromInput ? await readPasswordFromInput() : await askPassword(`Password of ${username}: `);
  const names = {
    username,
    ...(options['domain'] === undefined ? {} : { domain: String(options['domain']) }),
    ...(options['workstation'] === undefined ? {} : { workstation: String(options['workstation']) }),
  };
  const hashed = (): Credentials => ({ ...names, ntHash: Buffer.from(ntHash(password)).toString('hex') });
  const system = systemKeyStore();
  let reason: NtlmError | undefined = system instanceof NtlmError ? system : undefined;
  if (!(system instanceof NtlmError) && options['file'] !== true) {
    try {
      await storeCredentials(options['hash'] === true ? hashed() : { ...names, password }, system);
      process.stdout.write(`stored in ${system.name}\n`);
      return ExitCode.ok;
    } catch (error) {
      reason = error as NtlmError;
    }
  }
  const file = fileKeyStore();
  if (options['file'] !== true && reason !== undefined) {
    process.stderr.write(`ntlm-wasm: ${printable(reason.message)}\n    ${printable(reason.advice)}\n`);
  }
  process.stderr.write(
    `ntlm-wasm: warning: the NT hash is stored in a file below ${printable(file.name)}; anyone who can read it can authenticate as ${printable(username)}\n`,
  );
  await storeCredentials(hashed(), file);
  process.stdout.write(`stored in ${file.name}\n`);
  return ExitCode.ok;
}

async function remove(): Promise<number> {
  const stores = await deleteCredentials();
  process.stdout.write(stores.length === 0 ? 'nothing was stored\n' : `deleted from ${stores.join(' and ')}\n`);
  return ExitCode.ok;
}

async function status(): Promise<number> {
  const system = systemKeyStore();
  if (system instanceof NtlmError) {
    process.stdout.write(`key store: none (${printable(system.message)})\n`);
  } else {
    const state = await system.read('credentials').then(
      () => 'can be used',
      (error: NtlmError) => `cannot be used: ${error.message}\n    ${error.advice}`,
    );
    process.stdout.write(`key store: ${system.name}, ${state}\n`);
  }
  const stored = await storedCredentials();
  if (stored === undefined) {
    process.stdout.write('no password is stored\n');
    return ExitCode.failed;
  }
  const { username = '', domain, ntHash: hash } = stored.credentials;
  const user = domain === undefined ? username : `${domain}\\${username}`;
  const kind = hash === undefined ? 'the password' : 'the NT hash';
  process.stdout.write(`${kind} of ${printable(user)} is stored in ${stored.store}\n`);
  return ExitCode.ok;
}
