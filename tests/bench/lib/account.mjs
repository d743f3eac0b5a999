/** Whose messages are made. The password is of no account anywhere. */
import { createHash } from 'node:crypto';

export const account = {
  username: 'alice',
  domain: 'CORP',
  workstation: 'WS-0042',
  password: createHash('sha256').update('the password of the benchmark').digest('base64url').slice(0, 12),
};
