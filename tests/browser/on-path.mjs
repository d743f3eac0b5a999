import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where a program is. */
export function findOnPath(name) {
  const found = process.env.PATH.split(delimiter)
    .map((dir) => join(dir, name))
    .find(existsSync);
  assert.ok(found, `${name} is not on the path`);
  return found;
}
