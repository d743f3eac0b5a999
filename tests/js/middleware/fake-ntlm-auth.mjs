// Replaces winbind's ntlm_auth (protocol squid-2.5-ntlmssp): alice's password is "pw".
import { createInterface } from 'node:readline';
import { NtlmServer } from 'ntlm-wasm';

if (!process.argv.includes('--helper-protocol=squid-2.5-ntlmssp')) process.exit(1);
const options = {
  netbiosDomain: 'CORP',
  account: ({ username }) => (username === 'alice' ? { password: 'pw' } : undefined),
};
let server;
for await (const line of createInterface({ input: process.stdin })) {
  const [kind, token] = line.split(' ');
  if (kind === 'YR') {
    server = new NtlmServer(options);
    console.log(`TT ${server.challenge(token)}`);
  } else {
    const answer = await server.authenticate(token).then(
      ({ username }) => `AF CORP\\${username}`,
      () => 'NA NT_STATUS_WRONG_PASSWORD',
    );
    console.log(answer);
  }
}
