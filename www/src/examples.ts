// Examples, made by the package with fixed random bytes and a fixed clock.

import { NtlmClient, type NtlmClientOptions, NtlmServer } from 'ntlm-wasm';

export interface Example {
  name: string;
  make: () => string;
}

const now = () => new Date('2026-01-15T09:30:00Z');
const PASSWORD = 'correct horse';

function counter(start: number) {
  let next = start;
  return (length: number) => Uint8Array.from({ length }, () => (next = (next * 73 + 41) % 256));
}

function handshake(options: NtlmClientOptions, server: { timestamp?: boolean } = {}): [string, string, string] {
  const acceptor = new NtlmServer({
    netbiosDomain: 'CORP',
    netbiosComputer: 'PROXY1',
    dnsDomain: 'corp.example',
    dnsComputer: 'proxy1.corp.example',
    dnsTree: 'corp.example',
    version: '10.0.20348',
    account: () => ({ password: PASSWORD }),
    random: counter(7),
    now,
    ...server,
  });
  const client = new NtlmClient({
    version: '10.0.26100',
    workstation: 'PC-0042',
    random: counter(99),
    now,
    ...options,
  });
  const negotiate = client.negotiate();
  const challenge = acceptor.challenge(negotiate);
  return [negotiate, challenge, client.authenticate(challenge)];
}

const alice = { username: 'alice', domain: 'CORP', password: PASSWORD };

function conversation(scheme: string, [negotiate, challenge, authenticate]: [string, string, string]): string {
  return `> GET / HTTP/1.1
> Proxy-Authorization: ${scheme} ${negotiate}
< HTTP/1.1 407 Proxy Authentication Required
< Proxy-Authenticate: ${scheme} ${challenge}
> GET / HTTP/1.1
> Proxy-Authorization: ${scheme} ${authenticate}
< HTTP/1.1 200 OK
`;
}

export const EXAMPLES: readonly Example[] = [
  { name: 'NTLM proxy', make: () => conversation('NTLM', handshake(alice)) },
  {
    name: 'Negotiate',
    make: () => conversation('Negotiate', handshake({ ...alice, mechanism: 'negotiate', sign: true, seal: true })),
  },
  {
    name: 'NTLMv1',
    make: () =>
      conversation('NTLM', handshake({ ...alice, lmCompatibilityLevel: 0, flags: 0x8207 }, { timestamp: false })),
  },
  { name: 'Anonymous', make: () => conversation('NTLM', handshake({})) },
  { name: 'Damaged', make: () => `NTLM ${handshake(alice)[2].slice(0, 420)}` },
];
