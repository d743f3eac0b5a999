// Session security on something real, the domain controller: LDAP sealed with the session that
// NtlmClient made, and SMB signed with its session key.

import assert from 'node:assert/strict';
import { lab } from './lib/lab.mjs';
import { LdapConnection } from './lib/ldap.mjs';
import { cell } from './lib/matrix.mjs';
import { NtlmClient } from 'ntlm-wasm';
import { SmbConnection } from './lib/smb.mjs';

const TABLE = 'Signing and sealing';
const COLUMN = 'Samba domain controller';
const { alice, jurgen } = lab.users;
const BASE = `DC=${lab.realm.toLowerCase().split('.').join(',DC=')}`;

const clientFor = (user, options) =>
  new NtlmClient({ username: user.name, domain: user.domain, password: user.password, ...options });

async function readOwnEntry(user, options) {
  const ldap = await LdapConnection.open(lab.dc.ip);
  try {
    await ldap.bind(clientFor(user, { targetName: `ldap/${lab.dc.name}`, ...options }));
    return await ldap.readEntry(`CN=${user.name},CN=Users,${BASE}`, 'sAMAccountName', 'objectClass');
  } finally {
    ldap.close();
  }
}

// Signed-only does not exist there: servers seal LDAP as soon as signing is agreed on.
cell(TABLE, 'LDAP, sealed', COLUMN, async () => {
  for (const user of [alice, jurgen]) {
    for (const mechanism of ['ntlm', 'negotiate']) {
      const entry = await readOwnEntry(user, { mechanism, sign: true, seal: true });
      assert.deepEqual(entry.sAMAccountName, [user.name]);
      assert.ok(entry.objectClass.includes('user'));
    }
  }
});

cell(TABLE, 'LDAP, not protected: refused', COLUMN, async () => {
  await assert.rejects(readOwnEntry(alice, {}), /LDAP bind: result 8/); // strongerAuthRequired
});

cell(TABLE, 'SMB 2.1, signed with the session key', COLUMN, async () => {
  for (const user of [alice, jurgen]) {
    for (const mechanism of ['ntlm', 'negotiate']) {
      const smb = await SmbConnection.open(lab.dc.ip);
      try {
        await smb.setUpSession(clientFor(user, { mechanism, sign: true, targetName: `cifs/${lab.dc.name}` }));
        await smb.connectTree(`\\\\${lab.dc.ip}\\IPC$`);
      } finally {
        smb.close();
      }
    }
  }
});
