/**
 * The peers in JavaScript: of each, only the part that makes messages, called as the peer calls it itself.
 *
 * `load` returns `negotiate()` for message 1, `authenticate()` for reading message 2 and making message 3, both in base64.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Three packages have grown from one source and share their functions. */
function ntlmClientFamily(path) {
  return (account, challenge) => {
    const { createType1Message, decodeType2Message, createType3Message } = require(path);
    const { username, password, workstation, domain } = account;
    const header = `NTLM ${challenge}`;
    return {
      negotiate: () => createType1Message(workstation, domain),
      authenticate: () => createType3Message(decodeType2Message(header), username, password, workstation, domain),
    };
  };
}

/** So have these three. They change their options, so each call gets its own. */
function httpNtlmFamily(path) {
  return (account, challenge) => {
    const { createType1Message, parseType2Message, createType3Message } = require(path);
    const header = `NTLM ${challenge}`;
    const fail = (error) => {
      throw error;
    };
    return {
      negotiate: () => createType1Message({ ...account }),
      authenticate: () => createType3Message(parseType2Message(header, fail), { ...account }),
    };
  };
}

function cypress(account, challenge) {
  require('reflect-metadata');
  const { Ntlm } = require('cypress-ntlm-auth/dist/ntlm/ntlm.js');
  const { username, password, workstation, domain } = account;
  const ntlm = new Ntlm();
  const header = `NTLM ${challenge}`;
  let message1 = ntlm.createType1Message(2, workstation, domain);
  const message3 = () =>
    ntlm.createType3Message(message1, ntlm.decodeType2Message(header), username, password, workstation, domain);
  return {
    negotiate: () => (message1 = ntlm.createType1Message(2, workstation, domain)).header(),
    authenticate: () => message3().header(),
  };
}

/** TDS has bytes on the wire; base64 is put around them here, as everywhere else. */
function tedious(account, challenge) {
  const { createNTLMRequest } = require('tedious/lib/ntlm.js');
  const parse = require('tedious/lib/token/sspi-token-parser.js');
  const Payload = require('tedious/lib/ntlm-payload.js');
  const { username: userName, password, workstation, domain } = account;
  const message2 = () => {
    const bytes = Buffer.from(challenge, 'base64');
    return parse(Buffer.concat([Buffer.from([bytes.length & 0xff, bytes.length >> 8]), bytes]), 0, {}).value.ntlmpacket;
  };
  return {
    negotiate: () => createNTLMRequest({ domain, workstation }).toString('base64'),
    authenticate: () => new Payload({ domain, userName, password, ntlmpacket: message2() }).data.toString('base64'),
  };
}

export const PEERS = {
  'axios-ntlm': { inner: true, load: ntlmClientFamily('axios-ntlm/lib/ntlm.js') },
  '@ewsjs/ntlm-client': { load: ntlmClientFamily('@ewsjs/ntlm-client') },
  'node-client-ntlm': { inner: true, load: ntlmClientFamily('node-client-ntlm/lib/cjs/ntlm.js') },
  'cypress-ntlm-auth': { inner: true, load: cypress },
  tedious: { inner: true, load: tedious },
  '@node-ntlm/core': { load: httpNtlmFamily('@node-ntlm/core') },
  'postman-runtime': { inner: true, load: httpNtlmFamily('postman-runtime/lib/authorizer/ntlm-message.js') },
  httpntlm: { load: httpNtlmFamily('httpntlm/ntlm.js') },
};
