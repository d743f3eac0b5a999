import { Operation } from './core/generated/tokens.js';
import { load } from './core/load.js';
import { invalid } from './options.js';

/**
 * The NT hash of a password (MS-NLMP 3.3.1): 16 bytes, which can stand for the password wherever this package asks for one.
 *
 * It is as secret as the password itself.
 */
export function ntHash(password: string): Uint8Array {
  if (typeof password !== 'string') throw invalid('password', 'the password must be a string');
  return load().exchange.begin().rawUnits(password).askBytes(Operation.NtHash);
}
