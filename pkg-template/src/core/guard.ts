import { NtlmError } from '../errors.js';
import { core } from './load.js';

/** Calls into the core and turns the number that a failing call throws into an {@link NtlmError}. */
export function guard<T>(call: () => T): T {
  try {
    return call();
  } catch (thrown) {
    throw typeof thrown === 'number' ? describe(thrown) : thrown;
  }
}

/** The kind's number stands in the low eight bits, the position plus one above them. */
function describe(thrown: number): NtlmError {
  const position = Math.floor(thrown / 256) - 1;
  const [code = '', message = '', advice = ''] = core().errorTexts(thrown % 256).split('\n');
  return position < 0
    ? new NtlmError(code, message, { advice })
    : new NtlmError(code, `${message} (at byte ${position})`, { advice, position });
}
