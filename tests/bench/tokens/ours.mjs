/** The cases of the package itself: each is a whole message 3, or message 1 alone. */
export async function loadOurs({ path = 'ntlm-wasm', account, challenge }) {
  const { NtlmClient, ntHash } = await import(path);
  const { username, domain, workstation, password } = account;
  const bytes = new Uint8Array(Buffer.from(challenge, 'base64'));
  const hash = ntHash(password);
  const reused = new NtlmClient(account);
  const first = new NtlmClient(account);
  const message1 = first.negotiate();
  return {
    messages: [message1, first.authenticate(challenge)],
    cases: {
      'message 1': () => new NtlmClient(account).negotiate(),
      'message 1 and 3': () => {
        const client = new NtlmClient(account);
        client.negotiate();
        return client.authenticate(challenge);
      },
      'message 1 and 3, NT hash': () => {
        const client = new NtlmClient({ username, domain, workstation, ntHash: hash });
        client.negotiate();
        return client.authenticate(challenge);
      },
      'message 1 and 3, bytes': () => {
        const client = new NtlmClient(account);
        client.negotiateBytes();
        return client.authenticateBytes(bytes);
      },
      'message 1 and 3, reused': () => {
        reused.reset();
        reused.negotiate();
        return reused.authenticate(challenge);
      },
      'message 1 and 3, reused, bytes': () => {
        reused.reset();
        reused.negotiateBytes();
        return reused.authenticateBytes(bytes);
      },
    },
  };
}
