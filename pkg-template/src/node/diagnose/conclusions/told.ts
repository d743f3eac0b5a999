import type { FindingId } from '../findings.js';

/**
 * HTTP says 401 or 407 to whatever is wrong with an account. Some peers put more beside it: the text of the error of
 * Windows, as Microsoft's proxies do, or the name or number of its status (MS-ERREF, section 2.3.1).
 */
const TOLD: readonly (readonly [words: RegExp, id: FindingId])[] = [
  [/password [a-z ]*expired|PASSWORD_EXPIRED|0xC0000071/i, 'password-expired'],
  [/password must (be changed|change)|PASSWORD_MUST_CHANGE|0xC0000224/i, 'password-expired'],
  [/locked out|account is locked|ACCOUNT_LOCKED_OUT|0xC0000234/i, 'account-locked'],
  [/account (is )?(currently )?disabled|ACCOUNT_DISABLED|0xC0000072/i, 'account-disabled'],
  [/account has expired|ACCOUNT_EXPIRED|0xC0000193/i, 'account-expired'],
  [/time restriction|INVALID_LOGON_HOURS|0xC000006F/i, 'logon-not-allowed'],
  [/allowed to log ?on (to|at|from)|INVALID_WORKSTATION|0xC0000070/i, 'logon-not-allowed'],
  [/requested logon type|LOGON_TYPE_NOT_GRANTED|0xC000015B|account restriction|0xC000006E/i, 'logon-not-allowed'],
  [/NTLM (was|is) (blocked|disabled)|NTLM_BLOCKED|0xC0000418/i, 'ntlm-blocked'],
];

export function toldBy(reason: string): FindingId | undefined {
  return TOLD.find(([words]) => words.test(reason))?.[1];
}
