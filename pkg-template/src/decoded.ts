// What `decode()` returns.

/** A range of bytes and what it stands for. Siblings follow each other and leave no byte of their parent out. */
export interface DecodedNode {
  /** Unique and stable, such as `targetInfo.timestamp`. */
  id: string;
  /** The name in the specification. */
  label: string;
  /** Where it begins in the token's bytes. */
  start: number;
  /** Where it ends. */
  end: number;
  /** A number, or text: names as they are, times in ISO 8601, bytes in hexadecimal; null if only its children say something. */
  value: string | number | null;
  /** What that means, in words; may be empty. */
  meaning: string;
  /** What is wrong with it; absent if nothing is. */
  problem?: string;
  /** Whether it could serve to attack the password or the session: views should mask it. */
  sensitive?: true;
  /** The flags, set or not, if it is a set of flags. */
  bits?: DecodedBit[];
  children: DecodedNode[];
}

/** One flag. */
export interface DecodedBit {
  mask: number;
  /** The letter that the specification gives it; may be empty. */
  letter: string;
  name: string;
  meaning: string;
  set: boolean;
}

/**
 * How much a finding matters: `broken` cannot work, `dangerous` exposes the password or points to an attack, `weak` lacks a protection
 * that some servers require, `note` is good to know.
 */
export type Severity = 'broken' | 'dangerous' | 'weak' | 'note';

/** Something damaged, weak or odd about a token. */
export interface Finding {
  /** Stable, such as `no-mic`. */
  id: string;
  severity: Severity;
  /** What it is, in a sentence. */
  text: string;
  /** What to do about it. */
  advice: string;
  /** The id of the node that it is about. */
  node: string;
}

/** Where a token was in what was given. */
export interface TokenSource {
  /** How it is written. Of a line of hashcat, the message is what would carry the same. */
  form: 'bytes' | 'base64' | 'hex' | 'hashcat';
  /** Where it begins, in bytes of the input (of its UTF-8, if that was text). In an archive or a capture: where that begins. */
  start: number;
  end: number;
  /** The header that it stands in, such as `WWW-Authenticate`; may be empty. */
  header: string;
  /** The scheme before it, such as `NTLM`; may be empty. */
  scheme: string;
  /** What it was wrapped in, the outermost first, such as `gzip`, `HAR`, `percent-encoding`. */
  wrapping: readonly string[];
  /** The connection: tokens with the same text belong together; empty if the input does not say. */
  connection: string;
  /** Who sent it; undefined if the input does not say. */
  sender: 'client' | 'server' | undefined;
  /** The protocol that carried it, such as `HTTP` or `SMB`; undefined if the input does not say. */
  protocol: string | undefined;
  /** The HTTP status of the response that carried it or, if the client sent it, of the response to it. */
  status: number | undefined;
  /** When it was sent, in ISO 8601; undefined if the input does not say. */
  time: string | undefined;
  /** The URL or host of the request; undefined if the input does not say. */
  url: string | undefined;
}

export interface Explained {
  source: TokenSource;
  /** The token in hexadecimal. */
  bytes: string;
  /** What is damaged, weak or odd, worst first. */
  findings: Finding[];
  tree: DecodedNode;
}

/** A message of NTLM; `type` is null if it says to be none of the three. */
export interface DecodedMessage extends Explained, MessageFields {
  type: 1 | 2 | 3 | null;
}

/** A token of SPNEGO, with the fields of the message of NTLM within it, if it holds one. */
export interface DecodedSpnego extends Explained, MessageFields {
  type: 'spnego';
  /** The type of the message within. */
  messageType: 1 | 2 | 3 | null | undefined;
  /** Object identifiers of the offered mechanisms, best first. */
  mechTypes: string[] | undefined;
  negState: 'accept-completed' | 'accept-incomplete' | 'reject' | 'request-mic' | undefined;
  /** The object identifier of the chosen mechanism. */
  supportedMech: string | undefined;
  mechListMIC: string | undefined;
}

/** A token explained. Bytes are in hexadecimal, so that they can be printed and compared. */
export type Decoded = DecodedMessage | DecodedSpnego;

/** The attributes of a server, as it tells them or as a client gives them back (MS-NLMP 2.2.2.1). */
export interface TargetInfo {
  nbComputerName?: string;
  nbDomainName?: string;
  dnsComputerName?: string;
  dnsDomainName?: string;
  dnsTreeName?: string;
  flags?: number;
  /** In ISO 8601. */
  timestamp?: string;
  /** In hexadecimal. */
  singleHost?: string;
  targetName?: string;
  /** In hexadecimal. */
  channelBindings?: string;
}

/** The fields of the messages under their names in MS-NLMP 2.2.1; undefined where a message has none. */
export interface MessageFields {
  negotiateFlags?: number | undefined;
  /** Such as `10.0.26100`. */
  version?: string | undefined;
  targetName?: string | undefined;
  serverChallenge?: string | undefined;
  /** In message 3: what the client gave back within its NTLMv2 response. */
  targetInfo?: TargetInfo | undefined;
  domainName?: string | undefined;
  userName?: string | undefined;
  workstation?: string | undefined;
  lmChallengeResponse?: string | undefined;
  ntChallengeResponse?: string | undefined;
  encryptedRandomSessionKey?: string | undefined;
  mic?: string | undefined;
  /** The kind of the response in message 3; undefined if there is none. */
  ntlmVersion?: 'NTLMv1' | 'NTLM2 session' | 'NTLMv2' | undefined;
}

/** What else is known. */
export interface DecodeOptions {
  /** What time it is: times that differ from it by more than five minutes become a finding. Default: nobody asks. */
  now?: Date | undefined;
  /** The client's first token, to see what was taken away on the way. */
  negotiate?: string | Uint8Array | undefined;
  /** The server's challenge, likewise. */
  challenge?: string | Uint8Array | undefined;
}

/** A token in some text or bytes. */
export interface FoundToken extends TokenSource {
  bytes: Uint8Array;
}
