// What a refused log-on looks like to the caller of fetch.

import assert from 'node:assert/strict';

/** For assert.rejects: the error has this code, or is fetch's TypeError with such a cause. */
export const withCode = (code) => (error) => {
  assert.ok([error.code, error.cause?.code].includes(code), error.cause ?? error);
  return true;
};
