/** Every `ntlm-wasm` command line of the pages and of the help is one that the command accepts. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { COMMANDS, parseArguments } from '../internals.mjs';
import { blocks, inline, pages } from './pages.mjs';
import { argumentsOfNtlmWasm, simpleCommands } from './shell-words.mjs';

const commands = Object.fromEntries(
  await Promise.all(Object.entries(COMMANDS).map(async ([name, { load }]) => [name, (await load()).command])),
);

test('the page of commands lists each of them', () => {
  const { text } = pages.find(({ path }) => path.endsWith('command-line.md'));
  const rows = [...text.matchAll(/^\| `ntlm-wasm ([a-z-]+)/gm)].map(([, name]) => name);
  assert.deepEqual(rows.toSorted(), Object.keys(commands).toSorted());
});

/** What stands for a value in the text around it. */
const PLACEHOLDER = /^(?:COMMAND|[A-Z]+(?::[A-Z]+)?|…|\.\.\.)$/;

/** Throws if the command line cannot be parsed, or an operand is not one of a fixed set. */
function check(args) {
  const [name, ...rest] = args;
  if (name === undefined || name.startsWith('--') || PLACEHOLDER.test(name)) return;
  const command = commands[name];
  assert.ok(command, `there is no command ${name}`);
  const { operands, options } = parseArguments(
    command,
    rest.filter((word) => word !== '…'),
  );
  const unknown = operands.filter((one) => !PLACEHOLDER.test(one) && !(command.choices ?? [one]).includes(one));
  // "config import FILE" and "completion SHELL" have operands after the choice.
  assert.deepEqual(unknown.slice(command.choices?.includes(operands[0]) ? 1 : 0), []);
  for (const [option, value] of Object.entries(options)) {
    const { choices } = command.options[option] ?? {};
    if (choices !== undefined && !PLACEHOLDER.test(value)) assert.ok(choices.includes(value), `${option} ${value}`);
  }
}

/** The shells of the blocks without `ntlm-wasm`, and of the file of ssh. */
const SHELLS = { sh: 'sh', powershell: 'powershell', bat: 'cmd', '': 'ssh' };

test('command lines in blocks', () => {
  let count = 0;
  for (const { id, language, code } of blocks.filter((block) => block.language in SHELLS)) {
    for (const words of simpleCommands(code, SHELLS[language])) {
      const args = argumentsOfNtlmWasm(words);
      if (args === undefined) continue;
      count += 1;
      assert.doesNotThrow(() => check(args), `${id}: ${words.join(' ')}`);
    }
  }
  assert.ok(count > 20, `${count} command lines`);
});

test('command lines in sentences and tables', () => {
  const lines = inline.filter(({ code }) => /^(?:npx |node )?ntlm-wasm(?:\.cjs)? /.test(code));
  assert.ok(lines.length > 45, `${lines.length} command lines`);
  for (const { path, code } of lines) {
    for (const words of simpleCommands(code.replaceAll('\\|', '|'))) {
      const args = argumentsOfNtlmWasm(words);
      if (args !== undefined) assert.doesNotThrow(() => check(args), `${path}: ${code}`);
    }
  }
});

test('command lines in the examples of the help', () => {
  for (const { name, examples } of Object.values(commands)) {
    const called = examples.flatMap(([line]) => {
      const whole = simpleCommands(line.replace(/^.*ProxyCommand="(.*?)".*$/, '$1'));
      return whole.map(argumentsOfNtlmWasm).filter((args) => args !== undefined);
    });
    assert.ok(called.length > 0, name);
    for (const args of called) assert.doesNotThrow(() => check(args), `${name}: ${args.join(' ')}`);
  }
});

/** Options in the text that belong to other programs. */
const OTHERS = {
  npm: ['--os', '--cpu', '--omit'],
  Node: ['--import', '--require', '--openssl-legacy-provider'],
  docker: ['--add-host', '--build-arg'],
  Deno: ['--allow-ffi'],
  'aria2 and Subversion': ['--ca-certificate', '--config-dir'],
  px: ['--password', '--test', '--install'],
};

test('options in sentences and tables exist', () => {
  const own = new Set(
    Object.values(commands).flatMap(({ options }) => Object.keys(options).map((name) => `--${name}`)),
  );
  const others = new Set(Object.values(OTHERS).flat());
  for (const name of ['--help', '--version']) own.add(name);
  const named = inline.flatMap(({ path, code }) => {
    const [name] = /^--[a-z][a-z-]*/.exec(code) ?? [];
    return name === undefined ? [] : [{ path, name }];
  });
  assert.ok(named.length > 40);
  assert.deepEqual(
    named.filter(({ name }) => !own.has(name) && !others.has(name)),
    [],
  );
});

test('PowerShell: -- is in quotes, because scripts such as npx.ps1 do not receive it otherwise', () => {
  const shown = blocks.filter(({ language }) => language === 'powershell');
  assert.ok(shown.length > 4);
  assert.deepEqual(
    shown.filter(({ code }) => / -- /.test(code)).map(({ id }) => id),
    [],
  );
});

test('sh: the blocks have no syntax error', () => {
  for (const { id, code } of blocks.filter(({ language }) => language === 'sh')) {
    const { status, stderr } = spawnSync('sh', ['-n'], { input: code, encoding: 'utf8' });
    assert.equal(status, 0, `${id}: ${stderr}`);
  }
});
