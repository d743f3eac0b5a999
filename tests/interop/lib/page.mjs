// The page of the package's documentation that shows the tables: made by `run --write`, checked by every whole run.

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PAGE = fileURLToPath(new URL('../../../pkg-template/docs/interoperability.md', import.meta.url));

const BEFORE = `# What works with what

Each "yes" is a test that ran against the real program: Squid and Samba with a domain controller, Apache, browsers, other
implementations of the protocol. \`cargo xtask test interop\` runs them, prints these tables, and fails when this page says otherwise.
An empty cell is a question that does not arise there; the reasons are below.

`;

const BEHIND = `## Empty cells

- **Samba**: its helper looks at no channel bindings, and its client knows none. NTLMv1 and refused accounts are questions to the
  domain controller, which only Samba asks.
- **impacket**: its acceptor does not look at bindings, and it has no SPNEGO with a checksum. Without extended session security it always
  weakens the key.
- **gss-ntlmssp** sends a message integrity code within Negotiate only, and always asks for the key exchange.
- **The \`sspi\` crate** has its Negotiate behind a network client, so it speaks NTLM alone here; it knows signatures with extended session
  security only. Its signatures without sealing leave its count of messages where it was: it seals here.
- **pyspnego, impacket, gss-ntlmssp and the \`sspi\` crate** write \`ß\` as \`SS\` in capitals, which no domain controller does: the account
  with such a name works with Samba only.
- **curl, Firefox, axios-ntlm, httpntlm and cntlm** send no message integrity code with NTLM: where one is demanded, "yes" means that they
  are refused. All HTTP clients come over plain \`http:\` here, where there is no channel to bind to.

## Not in these tables

- **Windows and macOS**: SSPI as client and as acceptor, IIS with extended protection, and GSS.framework are for
  \`.github/workflows/native.yml\`, which has not run yet. \`tests/windows\` has Wine's SSPI and programs. Active Directory of
  Microsoft, Edge, Exchange and Safari: not tried.
- **Heimdal's NTLM**: not tried.
- **Appliances** (Zscaler, Blue Coat, Forcepoint, F5): not tried.
- **Single sign-on** has separate tests in \`tests/sso\`.
`;

/** @returns whether the page says what the tables say */
export function pageIsRight(tables) {
  return readPage() === wholePage(tables);
}

export function writePage(tables) {
  writeFileSync(PAGE, wholePage(tables));
}

const wholePage = (tables) => `${BEFORE}${tables.trimEnd().replace(/^### /gm, '## ')}\n\n${BEHIND}`;

function readPage() {
  try {
    return readFileSync(PAGE, 'utf8');
  } catch {
    return '';
  }
}
