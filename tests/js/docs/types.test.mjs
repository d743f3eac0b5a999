/** Every JavaScript and TypeScript example of the pages and of the doc comments compiles with the types of the package and of the clients. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { consumerFolder } from './consumer.mjs';
import { ambient, documented } from './doc-comments.mjs';
import { root, scripts } from './pages.mjs';

const typescript = join(root, 'pkg-template/node_modules/typescript/bin/tsc');

const compilerOptions = {
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: true,
  target: 'es2022',
  lib: ['es2022', 'esnext.disposable'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
};

const comments = documented.flatMap(({ id, examples }) => examples.map((code) => ({ id, code, language: 'comment' })));

/** Faults of the types of others. */
const ACCEPTED = [
  // electron-updater declares both arguments as required; Electron cancels without them.
  /error TS2554: Expected 2 arguments, but got 0\./,
];

for (const [language, strict] of Object.entries({ ts: true, js: false, comment: false })) {
  test(`the examples compile: ${language}`, { timeout: 60_000 }, (t) => {
    const { folder, remove } = consumerFolder();
    t.after(remove);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    const chosen = [...scripts, ...comments].filter((one) => one.language === language);
    const files = chosen.map(({ code }, index) => {
      const name = `example-${index}.${/\brequire\(/.test(code) ? 'cts' : 'mts'}`;
      writeFileSync(join(folder, name), `${code}\nexport {};\n`);
      return name;
    });
    if (language === 'comment') {
      writeFileSync(join(folder, 'ambient.d.mts'), ambient);
      files.push('ambient.d.mts');
    }
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...compilerOptions, strict }, files }),
    );
    const { stdout, status } = spawnSync(process.execPath, [typescript, '--pretty', 'false', '--project', folder], {
      cwd: folder,
      encoding: 'utf8',
    });
    const faults = stdout
      .split('\n')
      .filter((line) => line !== '' && !ACCEPTED.some((one) => one.test(line)))
      .join('\n')
      .replaceAll(/example-(\d+)\.[cm]ts\((\d+)/g, (_, index, line) => {
        return `${chosen[index].id}(line ${line} of the example`;
      });
    assert.equal(faults, '');
    assert.ok(status === 0 || stdout !== '');
    assert.ok(files.length > 0);
  });
}
