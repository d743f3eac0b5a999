import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';

export const schema = JSON.parse(
  readFileSync(new URL('../../../pkg/docs/diagnose.schema.json', import.meta.url), 'utf8'),
);

const ajv = new Ajv({ allErrors: true, strict: true });
const fits = ajv.compile(schema);

/** Fails with everything that the schema has against it. */
export function validate(report) {
  assert.ok(fits(JSON.parse(JSON.stringify(report))), ajv.errorsText(fits.errors, { dataVar: 'report' }));
}
