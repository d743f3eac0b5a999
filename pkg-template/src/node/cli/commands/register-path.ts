import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { NtlmError } from '../../../errors.js';
import type { Command } from '../command.js';
import { UsageError } from '../command.js';
import { ExitCode } from '../exit-codes.js';

export const command: Command = {
  name: 'register-path',
  synopsis: '',
  about:
    'Prints the absolute URL of ntlm-wasm/register. In NODE_OPTIONS it works in every folder; the package name works only where the package is installed.',
  options: {},
  examples: [
    [
      'export NODE_OPTIONS="--import $(ntlm-wasm register-path)"',
      'authenticate all Node programs started from this shell (sh)',
    ],
    ['$env:NODE_OPTIONS = "--import $(ntlm-wasm register-path)"', 'the same in PowerShell'],
  ],
  async run({ operands }) {
    if (operands.length > 0) throw new UsageError('register-path takes no argument', 'type "ntlm-wasm register-path"');
    process.stdout.write(`${registerUrl()}\n`);
    return ExitCode.ok;
  },
};

/** Resolves the package by its own name. */
function registerUrl(): string {
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve('ntlm-wasm/register')).href;
  } catch (cause) {
    throw new NtlmError(
      'ERR_NTLM_NOT_INSTALLED',
      'ntlm-wasm/register is part of the npm package, which is not installed',
      {
        advice: 'install it with "npm install -g ntlm-wasm", then type "ntlm-wasm register-path" again',
        cause,
      },
    );
  }
}
