import { ntHash } from '../../../client.js';
import { type Command, UsageError } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { askPassword, readPasswordFromInput } from '../terminal.js';

export const command: Command = {
  name: 'hash',
  synopsis: '[options]',
  about:
    'Prints the NT hash of a password, for NTLM_HASH. The password is prompted for without echo, or read from standard input if that is not a terminal.\nKeep the hash as secret as the password: anyone who has it can authenticate with it.',
  options: { 'password-stdin': { type: 'boolean', help: 'read the password from standard input, even on a terminal' } },
  examples: [
    ['export NTLM_HASH=$(ntlm-wasm hash)', 'set NTLM_HASH for this shell (sh)'],
    ['$env:NTLM_HASH = ntlm-wasm hash', 'the same in PowerShell'],
    ['ntlm-wasm hash < password.txt', 'read the password from the first line of a file'],
  ],
  async run({ options, operands }) {
    if (operands.length > 0)
      throw new UsageError('passwords are not accepted on the command line', 'type "ntlm-wasm hash" to be prompted');
    const fromInput = options['password-stdin'] === true || !process.stdin.isTTY;
    const password = fromInput ? await readPasswordFromInput() : await askPassword('Password: ');
    process.stdout.write(`${Buffer.from(ntHash(password)).toString('hex')}\n`);
    return ExitCode.ok;
  },
};
