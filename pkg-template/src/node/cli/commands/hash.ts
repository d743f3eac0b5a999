import { ntHash } from '../../../client.js';
import { type Command, UsageError } from '../command.js';
import { ExitCode } from '../exit-codes.js';
import { askPassword, readPasswordFromInput } from '../terminal.js';

export const command: Command = {
  name: 'hash',
  synopsis: '[options]',
  about:
    'Prints the NT hash of a password, for NTLM_HASH. The password is asked for without echo, or read from standard input when that is no terminal.\nThe hash signs on as the password does: keep it as secret.',
  options: { 'password-stdin': { type: 'boolean', help: 'read the password from standard input, even at a terminal' } },
  examples: [
    ['export NTLM_HASH=$(ntlm-wasm hash)', 'asks for the password, and keeps its hash for this shell'],
    ['ntlm-wasm hash < password.txt', 'the same from the first line of a file'],
  ],
  async run({ options, operands }) {
    if (operands.length > 0)
      throw new UsageError('a password is never taken from the command line', 'just type "ntlm-wasm hash"');
    const fromInput = options['password-stdin'] === true || !process.stdin.isTTY;
    const password = fromInput ? await readPasswordFromInput() : await askPassword('Password: ');
    process.stdout.write(`${Buffer.from(ntHash(password)).toString('hex')}\n`);
    return ExitCode.ok;
  },
};
