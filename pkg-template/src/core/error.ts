import { NtlmError } from '../errors.js';
import { errors } from './generated/errors.js';

/** Creates the error that the core throws. */
export function createError(code: string, position: number | undefined): NtlmError {
  const [message, advice] = errors[code] ?? ['an option is wrong', 'see the documentation of the options'];
  return position === undefined
    ? new NtlmError(code, message, { advice })
    : new NtlmError(code, `${message} (at byte ${position})`, { advice, position });
}
