// The completion scripts in their shells: what is typed, then the tabulator, and what the line is then.
// PowerShell cannot be had from Debian: of its script only the form is looked at.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { run } from '../js/cli/run-cli.mjs';
import { atTerminal, NTLM_WASM } from './terminal.mjs';

const folder = mkdtempSync(join(tmpdir(), 'ntlm-wasm-shells-'));
const scripts = {};

before(async () => {
  // Shells complete only the arguments of commands that there are.
  writeFileSync(join(folder, 'ntlm-wasm'), `#!/bin/sh\nexec ${NTLM_WASM} "$@"\n`);
  chmodSync(join(folder, 'ntlm-wasm'), 0o755);
  writeFileSync(join(folder, 'certificate.pem'), '');
  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    const { code, out, err } = await run(['completion', shell]);
    assert.deepEqual([code, err], [0, '']);
    writeFileSync(join(folder, `script.${shell}`), (scripts[shell] = out));
  }
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** What is typed, and what the line is after the tabulator. */
const LINES = {
  'a command': ['ntlm-wasm fe', 'ntlm-wasm fetch '],
  'another command': ['ntlm-wasm comp', 'ntlm-wasm completion '],
  'the help of a command': ['ntlm-wasm help ha', 'ntlm-wasm help hash '],
  'an option': ['ntlm-wasm fetch --prox', 'ntlm-wasm fetch --proxy '],
  'an option of one command only': ['ntlm-wasm server --require', 'ntlm-wasm server --require-channel-bindings '],
  'an option behind the value of another': [
    'ntlm-wasm run --user alice --doma',
    'ntlm-wasm run --user alice --domain ',
  ],
  'a value': ['ntlm-wasm server --role ori', 'ntlm-wasm server --role origin '],
  'a value that may be given again': [
    'ntlm-wasm server --scheme NTLM --scheme Neg',
    'ntlm-wasm server --scheme NTLM --scheme Negotiate ',
  ],
  'an operand': ['ntlm-wasm completion fi', 'ntlm-wasm completion fish '],
  'a file': ['ntlm-wasm fetch --ca certif', 'ntlm-wasm fetch --ca certificate.pem '],
  'the command to run': ['ntlm-wasm run -- ntlm-wa', 'ntlm-wasm run -- ntlm-wasm '],
  'nothing where a word is free': ['ntlm-wasm fetch --user certif', 'ntlm-wasm fetch --user certif'],
};

/** A key that writes the line down and clears it. */
const SHELLS = {
  bash: {
    command: 'bash --noprofile --rcfile rc -i',
    rc: `source script.bash
written() { printf '%s\\n' "$READLINE_LINE" >> lines; READLINE_LINE=; }
bind -x '"\\C-g": written'
PS1='READY> '`,
  },
  zsh: {
    command: 'ZDOTDIR=. zsh -i',
    rc: `unsetopt global_rcs
autoload -Uz compinit && compinit -u -D
source ./script.zsh
written() { print -r -- "$BUFFER" >> lines; BUFFER= }
zle -N written && bindkey '^G' written
PROMPT='READY> '`,
  },
};

for (const [shell, { command, rc }] of Object.entries(SHELLS)) {
  test(`${shell} completes`, async (t) => {
    const lines = join(folder, 'lines');
    writeFileSync(join(folder, shell === 'zsh' ? '.zshrc' : 'rc'), rc);
    writeFileSync(lines, '');
    const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder };
    const terminal = atTerminal(t, command, { env, cwd: folder });
    await terminal.sees(/READY> /);
    for (const [index, [typed]] of Object.values(LINES).entries()) {
      terminal.type(`${typed}\t`);
      // A completion takes an unknown time; the next key waits in the line.
      await wait(300);
      terminal.type('\u0007');
      for (let tries = 0; readFileSync(lines, 'utf8').split('\n').length < index + 2; tries += 1) {
        assert.ok(tries < 200, `${typed}: ${JSON.stringify(terminal.screen())}`);
        await wait(25);
      }
    }
    const written = readFileSync(lines, 'utf8').split('\n').slice(0, -1);
    const names = Object.keys(LINES);
    assert.deepEqual(
      Object.fromEntries(written.map((line, index) => [names[index], line])),
      Object.fromEntries(Object.entries(LINES).map(([name, [, expected]]) => [name, expected])),
    );
  });
}

test('fish completes', () => {
  const env = { ...process.env, HOME: folder, PATH: `${folder}:${process.env.PATH}` };
  for (const [name, [typed, expected]] of Object.entries(LINES)) {
    const out = execFileSync('fish', ['-c', 'source script.fish; complete -C $argv[1]', typed], {
      cwd: folder,
      env,
      encoding: 'utf8',
    });
    const found = out
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split('\t', 1)[0]);
    const word = expected === typed ? [] : [expected.trimEnd().split(' ').at(-1)];
    assert.deepEqual(found, word, name);
  }
});

test('every command and every option is in every script, with what it does', async () => {
  const overview = await run(['--help']);
  const commands = [...overview.out.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name);
  assert.ok(commands.includes('run') && commands.includes('completion'));
  for (const command of commands) {
    const { out } = await run([command, '--help']);
    const options = [...out.matchAll(/^ {2}(?:-\w, | {4})--([\w-]+)/gm)].map(([, name]) => name);
    assert.ok(options.includes('help'), command);
    for (const [shell, script] of Object.entries(scripts)) {
      for (const word of [command, ...options]) assert.ok(script.includes(word), `${shell}: ${command} ${word}`);
    }
  }
});

test('the script for PowerShell is whole: quotes and brackets close', () => {
  const closing = { '(': ')', '{': '}', '[': ']' };
  const open = [];
  // In single quotes PowerShell knows no escape but the doubled quote.
  const code = scripts.powershell
    .replaceAll("''", '')
    .replace(/'[^'\n]*'/g, '')
    .replace(/^\s*#.*$/gm, '')
    .replace(/"[^"\n]*"/g, '');
  assert.doesNotMatch(code, /['"]/);
  for (const sign of code.match(/[(){}[\]]/g)) {
    if (sign in closing) open.push(closing[sign]);
    else assert.equal(sign, open.pop());
  }
  assert.deepEqual(open, []);
});

test('an unknown shell', async () => {
  for (const args of [[], ['tcsh'], ['bash', 'zsh']]) {
    const { code, out, err } = await run(['completion', ...args]);
    assert.deepEqual([code, out], [2, '']);
    assert.match(err, /write one of bash, zsh, fish, powershell/);
  }
});
