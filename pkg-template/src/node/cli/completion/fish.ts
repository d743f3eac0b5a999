import type { CompletedCommand, CompletedOption } from './model.js';

/** For fish 3 and later. */
export function fishScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# Completion of ntlm-wasm for fish.
function __ntlm_wasm_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]; and not contains -- -- $words
end
function __ntlm_wasm_program
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] $argv; and contains -- -- $words
end
function __ntlm_wasm_program_words
    set -l words (commandline -opc)
    set -l from (contains -i -- -- $words)
    complete -C (string join ' ' -- (string escape -- $words[(math $from + 1)..-1]) (commandline -ct))
end
complete -c ntlm-wasm -f
complete -c ntlm-wasm -n "not __fish_seen_subcommand_from ${names}" -s h -l help -d 'show the help'
complete -c ntlm-wasm -n "not __fish_seen_subcommand_from ${names}" -l version -d 'print the version'
${commands.map((command) => lines(command, names)).join('\n')}
`;
}

function lines({ name, about, options, operands, takesProgram }: CompletedCommand, names: string): string {
  const within = `complete -c ntlm-wasm -n '__ntlm_wasm_command ${name}'`;
  return [
    `complete -c ntlm-wasm -n "not __fish_seen_subcommand_from ${names}" -a ${name} -d ${quoted(about)}`,
    ...options.map((option) => `${within} ${specification(option)}`),
    ...(operands.length > 0 ? [`${within} -a '${operands.join(' ')}'`] : []),
    ...(takesProgram
      ? [`complete -c ntlm-wasm -n '__ntlm_wasm_program ${name}' -a '(__ntlm_wasm_program_words)'`]
      : []),
  ].join('\n');
}

function specification({ name, short, help, value, choices }: CompletedOption): string {
  const follows = { none: '', file: ' -r -F', choice: ` -x -a '${choices.join(' ')}'`, other: ' -x' };
  return `${short === undefined ? '' : `-s ${short} `}-l ${name}${follows[value]} -d ${quoted(help)}`;
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
