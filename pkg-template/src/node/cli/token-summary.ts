import type { Decoded, DecodedNode } from '../../decoded.js';
import { findingLine } from './decode-printer.js';
import { printable } from './terminal.js';

/** A token in a few lines, for the log of a handshake; without anything on which passwords could be tried. */
export function tokenSummary(decoded: Decoded): { name: string; lines: string[] } {
  const type = decoded.type === 'spnego' ? decoded.messageType : decoded.type;
  const inside = decoded.type === 'spnego' ? ' in SPNEGO' : '';
  const rows: [string, string | undefined][] = [
    ...(decoded.type === 'spnego' ? spnego(decoded) : []),
    ...(type === 2 ? challenge(decoded) : type === 3 ? authenticate(decoded) : []),
    ['flags', find(decoded.tree, 'negotiateFlags')?.meaning],
    ['version', versionOf(decoded.tree)],
  ];
  const lines = rows.flatMap(([label, text]) => (text === undefined || text === '' ? [] : `${label}: ${text}`));
  const findings = decoded.findings.map(findingLine);
  return {
    name: typeof type === 'number' ? `message ${type}${inside}` : `a token${inside}`,
    lines: [...lines, ...findings].map(printable),
  };
}

type Rows = [string, string | undefined][];

function spnego(decoded: Extract<Decoded, { type: 'spnego' }>): Rows {
  const mechanisms = find(decoded.tree, 'mechTypes')?.meaning;
  return [
    ['mechanisms', mechanisms],
    ['state', decoded.negState],
    ['chosen', find(decoded.tree, 'supportedMech')?.meaning],
    ['mechListMIC', decoded.mechListMIC === undefined ? undefined : 'present'],
  ];
}

function challenge({ targetName, targetInfo = {}, tree }: Decoded): Rows {
  const { nbDomainName, nbComputerName, dnsDomainName, dnsComputerName, dnsTreeName } = targetInfo;
  const time = find(tree, 'timestamp');
  return [
    ['target', targetName],
    ['domain', both(nbDomainName, dnsDomainName)],
    ['computer', both(nbComputerName, dnsComputerName)],
    ['forest', dnsTreeName],
    ['time', time === undefined ? 'none' : `${String(time.value)} (${time.meaning.split('; ').at(-1)})`],
  ];
}

function authenticate({ userName, domainName, workstation, ntlmVersion, targetInfo, tree, mic }: Decoded): Rows {
  const isSet = (hex: string | undefined): boolean => hex !== undefined && /[^0]/.test(hex);
  const user = domainName ? `${domainName}\\${userName}` : userName;
  return [
    ['user', user ? user : 'Anonymous'],
    ['workstation', workstation],
    ['response', ntlmVersion],
    ['integrity code (MIC)', isSet(mic) ? 'yes' : 'no'],
    ['channel binding', isSet(targetInfo?.channelBindings) ? 'yes' : 'none'],
    ['service', targetInfo?.targetName],
    ['session key', find(tree, 'encryptedRandomSessionKey')?.value ? 'chosen by the client, encrypted' : undefined],
  ];
}

function both(short: string | undefined, long: string | undefined): string | undefined {
  return short && long ? `${short} (${long})` : short || long;
}

function versionOf(tree: DecodedNode): string | undefined {
  const node = find(tree, 'version');
  return node === undefined ? undefined : `${String(node.value)} (${node.meaning})`;
}

/** The first node of a name, at any depth. */
function find(tree: DecodedNode, name: string): DecodedNode | undefined {
  for (const node of tree.children) {
    const found = node.id.endsWith(name) && /(^|\.)$/.test(node.id.slice(0, -name.length)) ? node : find(node, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
