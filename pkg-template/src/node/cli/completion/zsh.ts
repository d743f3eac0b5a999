import type { CompletedCommand, CompletedOption } from './model.js';

/** For zsh: to be sourced, or as a file _ntlm-wasm in a folder of $fpath. */
export function zshScript(commands: readonly CompletedCommand[]): string {
  return `#compdef ntlm-wasm
# Completion of ntlm-wasm for zsh.
_ntlm_wasm() {
  local curcontext=$curcontext state line
  local -a subcommands=(
${commands.map(({ name, about }) => `    ${quoted(`${name}:${about}`)}`).join('\n')}
  )
  _arguments -C '(- *)'{-h,--help}'[show the help]' '(- *)--version[print the version]' '1: :->command' '*:: :->rest'
  case $state in
    command) _describe -t commands command subcommands ;;
    rest)
      curcontext=\${curcontext%:*:*}:ntlm-wasm-$words[1]:
      case $words[1] in
${commands.map(commandCase).join('\n')}
      esac
      ;;
  esac
}
if [[ $funcstack[1] == _ntlm_wasm ]]; then
  _ntlm_wasm "$@"
else
  compdef _ntlm_wasm ntlm-wasm
fi
`;
}

function commandCase({ name, options, operands, takesProgram }: CompletedCommand): string {
  const rest = operands.length > 0 ? quoted(`1: :(${operands.join(' ')})`) : `'*: :_default'`;
  const specifications = [...options.map(specification), ...(takesProgram ? [] : [rest])];
  return [
    `        ${name})`,
    ...(takesProgram ? [PROGRAM] : []),
    `          _arguments -S -s ${specifications.join(' \\\n            ')}`,
    '          ;;',
  ].join('\n');
}

/** After `--`: completes the program and its arguments. */
const PROGRAM = `          local -i dashes=\${words[(i)--]}
          if ((dashes < CURRENT)); then
            shift $dashes words
            ((CURRENT -= dashes))
            _normal
            return
          fi`;

/** An option specification of _arguments: exclusions, spellings, description, value. */
function specification({ forms, help, value, valueName, choices, multiple }: CompletedOption): string {
  const excluded = multiple ? `'*'` : `'(${forms.join(' ')})'`;
  const typed = forms.length === 1 ? forms[0] : `{${forms.join(',')}}`;
  const text = help.replace(/[\\[\]:]/g, '\\$&');
  const follows = {
    none: '',
    file: `:${valueName}:_files`,
    choice: `:${valueName}:(${choices.join(' ')})`,
    other: `:${valueName}: `,
  };
  return `${excluded}${typed}${quoted(`[${text}]${follows[value]}`)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
