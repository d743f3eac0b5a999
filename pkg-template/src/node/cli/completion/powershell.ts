import type { CompletedCommand, CompletedOption } from './model.js';

/** For Windows PowerShell 5 and PowerShell 7. */
export function powershellScript(commands: readonly CompletedCommand[]): string {
  return `# Completion of ntlm-wasm for PowerShell.
Register-ArgumentCompleter -Native -CommandName ntlm-wasm -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  # Word, what it means; for options also the values that may follow.
  $commands = @(
${commands.map(({ name, about }) => `    @(${quoted(name)}, ${quoted(about)})`).join('\n')}
  )
  $options = @{
${commands.map(entry).join('\n')}
  }
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
  if ($words -contains '--') { return }
  if ($words.Count -lt 2) {
    $candidates = $commands
  } else {
    $candidates = @($options[$words[1]])
    $before = $candidates | Where-Object { $_.Count -gt 2 -and ($_[0] -ceq $words[-1] -or $_[3] -ceq $words[-1]) } | Select-Object -First 1
    if ($before) {
      # An empty answer lets PowerShell complete names of files.
      $candidates = @($before[2] | ForEach-Object { , @($_, $_) })
    }
  }
  $candidates | Where-Object { $_ -and $_[0] -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_[0], $_[0], 'ParameterValue', $_[1])
  }
}
`;
}

function entry({ name, options, operands }: CompletedCommand): string {
  const rows = [...operands.map((word) => `@(${quoted(word)}, ${quoted(word)})`), ...options.map(row)];
  return `    ${quoted(name)} = @(\n${rows.map((text) => `      ${text}`).join('\n')}\n    )`;
}

function row({ forms: [long = '', short = ''], help, value, choices }: CompletedOption): string {
  const front = `${quoted(long)}, ${quoted(help)}`;
  return value === 'none' ? `@(${front})` : `@(${front}, @(${choices.map(quoted).join(', ')}), ${quoted(short)})`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
