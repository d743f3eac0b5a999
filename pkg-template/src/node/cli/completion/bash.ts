import type { CompletedCommand, CompletedOption } from './model.js';

/** For bash 4 and later, with or without the package bash-completion. */
export function bashScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of ntlm-wasm for bash.
_ntlm_wasm() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} words= i
  COMPREPLY=()
  # In --name=value bash treats the sign as a separate word.
  if [[ $current == = ]]; then
    current=
  elif [[ $previous == = ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W '${commands.map(({ name }) => name).join(' ')} --help --version' -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(commandCase).join('\n')}
    *) return ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _ntlm_wasm ntlm-wasm
`;
}

function commandCase(command: CompletedCommand): string {
  const { name, options, operands, takesProgram } = command;
  const lines = [`    ${name})`];
  if (takesProgram) lines.push(PROGRAM);
  const withValue = options.filter(({ value }) => value !== 'none');
  if (withValue.length > 0) {
    lines.push('      case $previous in', ...withValue.map(valueCase), '      esac');
  }
  const forms = options.flatMap((option) => option.forms);
  lines.push(`      words='${[...operands, ...forms, ...(takesProgram ? ['--'] : [])].join(' ')}'`, '      ;;');
  return lines.join('\n');
}

function valueCase({ forms, value, choices }: CompletedOption): string {
  const pattern = forms.join(' | ');
  if (value === 'choice')
    return `        ${pattern}) COMPREPLY=($(compgen -W '${choices.join(' ')}' -- "$current")) && return ;;`;
  // Without an answer bash completes names of files by itself (-o default).
  if (value === 'file') return `        ${pattern}) return ;;`;
  return `        ${pattern}) compopt +o default && return ;;`;
}

/** After `--`: completes the program and its arguments. */
const PROGRAM = `      for ((i = 2; i < COMP_CWORD; i++)); do
        [[ \${COMP_WORDS[i]} == -- ]] || continue
        if declare -F _command_offset > /dev/null; then
          _command_offset $((i + 1))
        elif ((i == COMP_CWORD - 1)); then
          COMPREPLY=($(compgen -c -- "$current"))
        fi
        return
      done`;
