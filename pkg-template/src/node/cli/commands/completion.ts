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
  about: 'Prints a shell script that completes commands, options and option values.',
  options: {},
  choices: Object.keys(SHELLS),
  examples: [
    ['eval "$(ntlm-wasm completion bash)"', 'add this line to ~/.bashrc'],
    ['eval "$(ntlm-wasm completion zsh)"', 'add this line to ~/.zshrc, after compinit'],
    ['ntlm-wasm completion fish > ~/.config/fish/completions/ntlm-wasm.fish', 'run this once'],
    ['ntlm-wasm completion powershell | Out-String | Invoke-Expression', 'add this line to the file $PROFILE'],
  ],
  async run({ operands }, all) {
    const [shell = '', ...more] = operands;
    const script = Object.hasOwn(SHELLS, shell) && more.length === 0 ? SHELLS[shell] : undefined;
    if (script === undefined) {
      const wrong = shell === '' ? 'the shell is missing' : `unsupported shell ${quoted(operands.join(' '))}`;
      throw new UsageError(wrong, `write one of ${Object.keys(SHELLS).join(', ')}`);
    }
    process.stdout.write(script(await completedCommands(all)));
    return ExitCode.ok;
  },
};
