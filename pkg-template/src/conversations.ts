// Groups tokens into handshakes and summarizes each one. The command and the web page print the same summary.

import { bytesOf, explained } from './decode.js';
import type { Decoded, Finding, FoundToken, Severity } from './decoded.js';
import { unwrap } from './unwrap/index.js';

/** A finding with the index of the token that it refers to, counted within the conversation. */
export interface ConversationFinding extends Finding {
  token: number;
}

/** One handshake, or the part of it that the input contains. */
export interface Conversation {
  /** One sentence: user, workstation, server, method, time and result. */
  summary: string;
  tokens: Decoded[];
  /** The findings of all tokens, worst first, without duplicates. */
  findings: ConversationFinding[];
  /** The user, such as `CORP\alice`, `alice@corp.example` or `Anonymous`; undefined without message 3. */
  user: string | undefined;
  workstation: string | undefined;
  /** The name that the server reports for itself. */
  server: string | undefined;
  /** The service principal name that the client requested, such as `HTTP/proxy.corp.example`. */
  service: string | undefined;
  ntlmVersion: Decoded['ntlmVersion'];
  /** Whether message 3 has a message integrity code; undefined if unknown. */
  integrityCode: boolean | undefined;
  /** Whether message 3 is bound to a TLS channel; undefined without message 3. */
  channelBinding: boolean | undefined;
  /** The time of the handshake in ISO 8601, from the input or from the clock of either peer. */
  time: string | undefined;
  /** The HTTP status codes in chronological order. */
  statuses: number[];
}

/** The result of {@link explainConversations}. */
export interface Explained {
  conversations: Conversation[];
  /** One sentence for each part that could not be read, such as a damaged file or an archive member that is too large. */
  leftOut: string[];
}

/**
 * Explains all tokens in the input, grouped into handshakes. Each token is checked against the earlier ones.
 *
 * `options.now` is the current time. If it is set, timestamps more than five minutes off become a finding.
 *
 * @example
 * for (const { summary, findings } of explainConversations(await readFile('capture.pcapng')).conversations) console.log(summary);
 */
export function explainConversations(input: string | Uint8Array, options: { now?: Date | undefined } = {}): Explained {
  const { tokens, leftOut } = unwrap(bytesOf(input));
  return { conversations: grouped(tokens).map((group) => conversation(group, options.now)), leftOut };
}

/**
 * Returns the NTLM message type in a decoded token: 1, 2 or 3; 0 for an unknown type; undefined for another mechanism.
 *
 * @example
 * if (messageType(decode(token)) === 2) console.log('a challenge');
 */
export function messageType(decoded: Decoded): 0 | 1 | 2 | 3 | undefined {
  const type = decoded.type === 'spnego' ? decoded.messageType : decoded.type;
  return type === null ? 0 : type;
}

/** Groups tokens by handshake. A handshake ends where the message types start over on its connection. */
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

/** Returns the message type, or a higher number for tokens without a message. */
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
      // Plaintext: an http: URL, or HTTP that was readable in a capture. There is no TLS channel to bind to.
      (/^http:/i.test(url ?? '') && !/^proxy-/i.test(header)) || (protocol === 'HTTP' && connection.includes(' → ')),
  );
  const all = tokens.flatMap(({ findings }, token) => findings.map((finding) => ({ ...finding, token })));
  const kinds = new Set<string>();
  // If several messages have the same finding, the one about the last message is kept.
  const once = all
    .reverse()
    .filter(({ id, text }) => {
      const kind = id === 'damaged' ? `${id} ${text}` : id;
      return !(clear && id === 'no-channel-binding') && !kinds.has(kind) && kinds.add(kind);
    })
    .reverse();
  return once.sort((one, other) => SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity));
}
