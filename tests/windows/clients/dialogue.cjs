// Dialogues that the addon leads with nobody: each takes the same answer to its first leg. What it hands to SSPI is in
// the log of the spy (native/secur32.c), in which each dialogue begins with a line of its own.

const { appendFileSync, readFileSync } = require('fs');

const { addonFile, dialogues } = JSON.parse(readFileSync(0, 'utf8'));
const addon = require(addonFile);
const bytes = (hex) => hex && Buffer.from(hex, 'hex');

async function lead({ certificate, channelBindings, ...options }, response) {
  const authenticator = new addon.HttpAuthenticator({
    ...options,
    ...(certificate && { certificate: bytes(certificate) }),
    ...(channelBindings && { channelBindings: bytes(channelBindings) }),
  });
  try {
    const first = await authenticator.begin();
    return [first, await authenticator.next(response)];
  } finally {
    authenticator.close();
  }
}

async function main() {
  const outcomes = {};
  for (const [name, { options, response }] of Object.entries(dialogues)) {
    appendFileSync(process.env.NTLM_SSPI_LOG, `${JSON.stringify({ dialogue: name })}\n`);
    outcomes[name] = await lead(options, response).catch(({ code, message }) => ({ code, message }));
  }
  console.log(JSON.stringify({ outcomes, alive: addon.alive() }));
}

main();
