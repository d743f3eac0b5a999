import { BlockList, isIP } from 'node:net';
import { NtlmError } from '../../errors.js';

/** The addresses that may connect. */
export interface AccessList {
  allows(address: string | undefined): boolean;
}

/** Loopback addresses, which may always connect. */
const LOOPBACK = ['127.0.0.0/8', '::1'];

/**
 * Parses address ranges: `172.17.0.0/16`, `10.1.0.1-10.1.0.9`, `192.168.1.7`, `fd00::/8`. Throws `ERR_NTLM_INVALID_OPTION` for an
 * invalid range.
 */
export function parseAccess(ranges: readonly string[]): AccessList {
  const list = new BlockList();
  for (const range of [...LOOPBACK, ...ranges.flatMap((text) => text.split(/[\s,;]+/))]) {
    if (range !== '' && !addRange(list, range)) {
      throw new NtlmError('ERR_NTLM_INVALID_OPTION', `"${range}" is not a range of addresses`, {
        advice: 'write it as 172.17.0.0/16, 10.1.0.1-10.1.0.9 or 192.168.1.7',
      });
    }
  }
  return {
    allows(address) {
      if (address === undefined) return false;
      // An IPv4 caller of an IPv6 socket.
      const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address.replace(/%.*$/, '');
      const family = isIP(plain);
      return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
    },
  };
}

function addRange(list: BlockList, range: string): boolean {
  const [first = '', last] = range.split('-', 2);
  const [network = '', prefix] = range.split('/', 2);
  const family = isIP(last === undefined ? network : first);
  if (family === 0) return false;
  const type = family === 6 ? 'ipv6' : 'ipv4';
  try {
    if (last !== undefined) {
      if (isIP(last) !== family) return false;
      list.addRange(first, last, type);
    } else if (prefix === undefined) list.addAddress(network, type);
    else if (!/^\d{1,3}$/.test(prefix)) return false;
    else list.addSubnet(network, Number(prefix), type);
    return true;
  } catch {
    return false;
  }
}
