// Handshakes of the addon without a peer: each gets the same reply to its first leg. The log of the spy
// (native/secur32.c) records the arguments of SSPI; each handshake starts with a separate line.

const { appendFileSync, readFileSync } = require('fs');

const { addonFile, dialogues } = JSON.parse(readFileSync(0, 'utf8'));
const addon = require(addonFile);
const bytes = (hex) => hex && Buffer.from(hex, 'hex');

/** `abandoned` says when the caller loses interest: during `begin`, between both calls, or during `next`. */
async function lead({ certificate, channelBindings, ...options }, response, abandoned) {
  const authenticator = new addon.HttpAuthenticator({
    ...options,
    ...(certificate && { certificate: bytes(certificate) }),
    ...(channelBindings && { channelBindings: bytes(channelBindings) }),
  });
  const call = (name, promise) => {
    if (abandoned === name) authenticator.close();
    return promise;
  };
  try {
    const first = await call('begin', authenticator.begin());
    if (abandoned === 'between') return [first];
    return [first, await call('next', authenticator.next(response))];
  } finally {
    authenticator.close();
  }
}

async function main() {
  const outcomes = {};
  for (const [name, { options, response, times = 1, abandoned }] of Object.entries(dialogues)) {
    appendFileSync(process.env.NTLM_SSPI_LOG, `${JSON.stringify({ dialogue: name })}\n`);
    for (let time = 0; time < times; time += 1) {
      outcomes[name] = await lead(options, response, abandoned).catch(({ code, message }) => ({ code, message }));
    }
  }
  console.log(JSON.stringify({ outcomes, alive: addon.alive() }));
}

main();
