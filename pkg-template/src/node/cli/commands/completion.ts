import { type Command, quoted, UsageError } from '../command.js';
import { bashScript } from '../completion/bash.js';
import { fishScript } from '../completion/fish.js';
import { type CompletedCommand, completedCommands } from '../completion/model.js';
import { powershellScript } from '../completion/powershell.js';
import { zshScript } from '../completion/zsh.js';
import { ExitCode } from '../exit-codes.js';

const SHELLS: Readonly<Record<string, (commands: readonly CompletedCommand[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
  powershell: powershellScript,
};

export const command: Command = {
  name: 'completion',
  synopsis: Object.keys(SHELLS).join('|'),
  about: 'Prints a script that lets a shell complete commands, options and their values.',
  options: {},
  choices: Object.keys(SHELLS),
  examples: [
    ['eval "$(ntlm-wasm completion bash)"', 'in ~/.bashrc'],
    ['eval "$(ntlm-wasm completion zsh)"', 'in ~/.zshrc, behind compinit'],
    ['ntlm-wasm completion fish > ~/.config/fish/completions/ntlm-wasm.fish', 'once'],
    ['ntlm-wasm completion powershell | Out-String | Invoke-Expression', 'in the file that $PROFILE names'],
  ],
  async run({ operands }, all) {
    const [shell = '', ...more] = operands;
    const script = Object.hasOwn(SHELLS, shell) && more.length === 0 ? SHELLS[shell] : undefined;
    if (script === undefined) {
      const wrong = shell === '' ? 'there is no shell' : `${quoted(operands.join(' '))} is no shell that this is for`;
      throw new UsageError(wrong, `write one of ${Object.keys(SHELLS).join(', ')}`);
    }
    process.stdout.write(script(await completedCommands(all)));
    return ExitCode.ok;
  },
};
