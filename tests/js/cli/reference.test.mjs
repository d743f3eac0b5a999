/**
 * docs/reference.md is generated from the one table of settings, by `node tests/js/cli/reference.test.mjs --write`.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMMANDS, CONFIGURABLE, SETTINGS, VARIABLES } from '../internals.mjs';

const PAGE = new URL('../../../pkg-template/docs/reference.md', import.meta.url);

const cell = (text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (text) => `\`${text}\``;

async function page() {
  const commands = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, { load }]) => [name, (await load()).command]),
  );
  const usedBy = (setting) =>
    commands.flatMap(([name, { options }]) =>
      Object.values(options).includes(setting) && name !== 'config' ? [name] : [],
    );
  const rows = Object.entries(SETTINGS).map(([name, setting]) => {
    const { type, multiple, value, variable, help } = setting;
    const option = `--${name}${value === undefined ? '' : ` ${value}`}`;
    const key = CONFIGURABLE.includes(name)
      ? `${code(name)}, ${type === 'boolean' ? 'true or false' : multiple ? 'a text or a list' : 'a text'}`
      : '';
    const cells = [
      code(option),
      variable === undefined ? '' : code(variable),
      key,
      usedBy(setting).join(', '),
      cell(help),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const variables = VARIABLES.map(({ name, help }) => `| ${name.split(', ').map(code).join(', ')} | ${cell(help)} |`);
  return `# Reference of options, variables and keys

An option beats a variable, and a variable beats the configuration file. \`ntlm-wasm config\` prints what holds.

| option | variable | key in the file | commands | meaning |
|---|---|---|---|---|
${rows.join('\n')}

## Other variables

| variable | meaning |
|---|---|
${variables.join('\n')}
`;
}

const text = await page();

if (process.argv.includes('--write')) {
  writeFileSync(PAGE, text);
} else {
  test('the reference is that of the table', () => {
    assert.equal(readFileSync(PAGE, 'utf8'), text, 'regenerate it with --write');
  });

  test('each setting is used by some command, and each variable is on the page', async () => {
    for (const name of CONFIGURABLE) assert.match(text, new RegExp(`\`--${name}[ \`]`));
    for (const line of text.split('\n').filter((one) => one.startsWith('| `--'))) {
      assert.notEqual(line.split(' | ')[3].trim(), '', line);
    }
  });
}
