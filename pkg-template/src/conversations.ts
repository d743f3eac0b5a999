// Tokens that belong to one handshake, in one sentence: the command and the page print the same.

import { bytesOf, explained } from './decode.js';
import type { Decoded, Finding, FoundToken, Severity } from './decoded.js';
import { unwrap } from './unwrap/index.js';

/** A finding, and the token that it is about, by its position in the conversation. */
export interface ConversationFinding extends Finding {
  token: number;
}

/** One handshake, or as much of it as the input holds. */
export interface Conversation {
  /** One sentence: who, from where, to what, how, when, with what result. */
  summary: string;
  tokens: Decoded[];
  /** Those of all tokens, worst first, each kind once. */
  findings: ConversationFinding[];
  /** Such as `CORP\alice`, `alice@corp.example` or `Anonymous`; undefined without message 3. */
  user: string | undefined;
  workstation: string | undefined;
  /** The name of the server as it calls itself. */
  server: string | undefined;
  /** The service that the client wants to reach, such as `HTTP/proxy.corp.example`. */
  service: string | undefined;
  ntlmVersion: Decoded['ntlmVersion'];
  /** Whether message 3 has a message integrity code; undefined if the input does not say. */
  integrityCode: boolean | undefined;
  /** Whether message 3 is bound to a TLS channel; undefined without message 3. */
  channelBinding: boolean | undefined;
  /** When it took place, in ISO 8601, by the input or the client's or server's clock. */
  time: string | undefined;
  /** The HTTP statuses, the first first. */
  statuses: number[];
}

export interface Explained {
  conversations: Conversation[];
  /** What could not be read, a sentence each: members of an archive that are too large, damaged files. */
  leftOut: string[];
}

/**
 * Explains all tokens of an input, each in the light of those before it, grouped into handshakes.
 *
 * @example
 * for (const { summary, findings } of explainConversations(await readFile('capture.pcapng')).conversations) console.log(summary);
 */
export function explainConversations(input: string | Uint8Array, options: { now?: Date | undefined } = {}): Explained {
  const { tokens, leftOut } = unwrap(bytesOf(input));
  return { conversations: grouped(tokens).map((group) => conversation(group, options.now)), leftOut };
}

/** The message within a token: its type, 0 for an NTLM message of no known type, undefined for another mechanism. */
export function messageType(decoded: Decoded): 0 | 1 | 2 | 3 | undefined {
  const type = decoded.type === 'spnego' ? decoded.messageType : decoded.type;
  return type === null ? 0 : type;
}

/** Tokens of one handshake. It ends where messages begin again on its connection. */
function grouped(tokens: readonly FoundToken[]): FoundToken[][] {
  const groups: FoundToken[][] = [];
  const current = new Map<string, { group: FoundToken[]; last: number }>();
  for (const token of tokens) {
    const type = typeOf(token);
    const open = current.get(token.connection);
    if (open !== undefined && type > open.last) {
      open.group.push(token);
      open.last = type;
    } else {
      const group = [token];
      groups.push(group);
      current.set(token.connection, { group, last: type });
    }
  }
  return groups;
}

/** The message type, or one after all of them for tokens that hold no message. */
function typeOf({ bytes }: FoundToken): number {
  const text = String.fromCharCode(...bytes.subarray(0, 400));
  const at = text.indexOf('NTLMSSP\0');
  return at === -1 ? 4 : (bytes[at + 8] ?? 0);
}

function conversation(group: readonly FoundToken[], now: Date | undefined): Conversation {
  let negotiate: Uint8Array | undefined;
  let challenge: Uint8Array | undefined;
  const tokens = group.map((found) => {
    const decoded = explained(found, { negotiate, challenge, now });
    const type = messageType(decoded);
    if (type === 1) negotiate = found.bytes;
    if (type === 2) challenge = found.bytes;
    return decoded;
  });
  const facts = factsOf(tokens);
  const findings = findingsOf(tokens);
  return { summary: sentence(tokens, facts, findings), tokens, findings, ...facts };
}

type Facts = Omit<Conversation, 'summary' | 'tokens' | 'findings'>;

const isSet = (hex: string | undefined): boolean => hex !== undefined && /[^0]/.test(hex);

function factsOf(tokens: readonly Decoded[]): Facts {
  const [, challenge, answer] = [1, 2, 3].map((type) => tokens.find((token) => messageType(token) === type));
  // The client echoes the server's attributes.
  const server = challenge?.targetInfo ?? answer?.targetInfo ?? {};
  const service = answer?.targetInfo?.targetName;
  const sent = tokens.map(({ source }) => source.time).findLast((time) => time !== undefined);
  const clock = [answer?.targetInfo?.timestamp, server.timestamp, timeStamp(answer)].find((time) => !isUnset(time));
  const statuses = tokens.flatMap(({ source }) =>
    source.sender === 'client' && source !== answer?.source ? [] : [source],
  );
  return {
    user: answer === undefined ? undefined : userOf(answer),
    workstation: answer?.workstation || undefined,
    server: server.dnsComputerName || server.nbComputerName || challenge?.targetName || undefined,
    service: service || undefined,
    ntlmVersion: answer?.ntlmVersion,
    integrityCode: answer === undefined || answer.source.form === 'hashcat' ? undefined : isSet(answer.mic),
    channelBinding: answer === undefined ? undefined : isSet(answer.targetInfo?.channelBindings),
    time: sent ?? clock,
    statuses: statuses.flatMap(({ status }) => (status === undefined ? [] : [status])),
  };
}

const isUnset = (time: string | undefined) => time === undefined || time.startsWith('1601-');

function timeStamp(answer: Decoded | undefined): string | undefined {
  const node = [answer?.tree, ...(answer?.tree.children ?? [])]
    .flatMap((one) => one?.children ?? [])
    .find(({ id }) => id.endsWith('ntChallengeResponse.timeStamp'));
  return typeof node?.value === 'string' ? node.value : undefined;
}

function userOf({ userName, domainName, ntChallengeResponse }: Decoded): string | undefined {
  if (userName === undefined) return undefined;
  if (userName === '') return ntChallengeResponse ? domainName || undefined : 'Anonymous';
  return domainName ? `${domainName}\\${userName}` : userName;
}

function sentence(tokens: readonly Decoded[], facts: Facts, findings: readonly Finding[]): string {
  const types = tokens.map(messageType);
  const broken = findings.find(({ severity }) => severity === 'broken');
  const end = [
    facts.time === undefined ? '' : `${facts.time.slice(0, 19).replace('T', ' ')} UTC`,
    facts.statuses.join(' → '),
    broken === undefined ? '' : (BROKEN[broken.id] ?? broken.text),
  ];
  return [...subject(types, facts), ...end].filter((part) => part !== '').join(', ');
}

const BROKEN: Record<string, string> = {
  'cut-off': 'cut off',
  damaged: 'damaged',
  rejected: 'rejected by the server',
};

function subject(types: readonly (number | undefined)[], facts: Facts): string[] {
  const { user, workstation, server, service, ntlmVersion, integrityCode, channelBinding } = facts;
  const to = server === undefined ? '' : ` to ${server}`;
  if (types.includes(3)) {
    const from = workstation === undefined ? '' : ` from ${workstation}`;
    const anonymous = user === 'Anonymous';
    return [
      `${user ?? 'A client'}${from}${to}${service === undefined ? '' : ` (${service})`}`,
      ntlmVersion ?? (anonymous ? 'null session' : 'no NT response'),
      ...(anonymous && ntlmVersion === undefined
        ? []
        : integrityCode === undefined
          ? []
          : [
              integrityCode ? 'integrity code present' : 'no integrity code',
              channelBinding ? 'bound to TLS' : 'no channel binding',
            ]),
    ];
  }
  if (types.includes(2)) return [`${server ?? 'A server'} sends a challenge`, 'message 3 is missing'];
  if (types.includes(1)) return ['A client offers NTLM', 'only message 1 is here: no user name yet'];
  if (types.every((type) => type === undefined)) return ['SPNEGO without NTLM: Kerberos or another mechanism'];
  return ['An NTLM message of unknown type'];
}

const SEVERITIES: readonly Severity[] = ['broken', 'dangerous', 'weak', 'note'];

function findingsOf(tokens: readonly Decoded[]): ConversationFinding[] {
  const clear = tokens.some(
    ({ source: { url, protocol, connection, header } }) =>
      // In the clear: an http: URL, or HTTP that a capture could read. There is nothing to bind to.
      (/^http:/i.test(url ?? '') && !/^proxy-/i.test(header)) || (protocol === 'HTTP' && connection.includes(' → ')),
  );
  const all = tokens.flatMap(({ findings }, token) => findings.map((finding) => ({ ...finding, token })));
  const kinds = new Set<string>();
  // Of the same finding about several messages, that about the last counts.
  const once = all
    .reverse()
    .filter(({ id, text }) => {
      const kind = id === 'damaged' ? `${id} ${text}` : id;
      return !(clear && id === 'no-channel-binding') && !kinds.has(kind) && kinds.add(kind);
    })
    .reverse();
  return once.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
}
