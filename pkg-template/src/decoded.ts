// The result types of `decode()`.

/** A byte range and its meaning. Siblings are contiguous and cover all bytes of their parent. */
export interface DecodedNode {
  /** A unique, stable id, such as `targetInfo.timestamp`. */
  id: string;
  /** The name in the specification. */
  label: string;
  /** The offset of the first byte in the token. */
  start: number;
  /** The offset after the last byte. */
  end: number;
  /** A number or a text: names verbatim, times in ISO 8601, bytes in hexadecimal. It is null if only the children have values. */
  value: string | number | null;
  /** The meaning of the value in words; may be empty. */
  meaning: string;
  /** The problem with this range; absent if there is none. */
  problem?: string;
  /** Present if the value helps to attack the password or the session. Views should mask it. */
  sensitive?: true;
  /** All flags, set or not, if the value is a set of flags. */
  bits?: DecodedBit[];
  children: DecodedNode[];
}

/** One flag of a set. */
export interface DecodedBit {
  mask: number;
  /** The letter of the flag in the specification; may be empty. */
  letter: string;
  name: string;
  meaning: string;
  set: boolean;
}

/**
 * The severity of a finding: `broken` cannot work, `dangerous` exposes the password or indicates an attack, `weak` lacks a
 * protection that some servers require, `note` is information.
 */
export type Severity = 'broken' | 'dangerous' | 'weak' | 'note';

/** A damaged, weak or unusual property of a token. */
export interface Finding {
  /** A stable id, such as `no-mic`. */
  id: string;
  severity: Severity;
  /** The finding in one sentence. */
  text: string;
  /** The recommended action. */
  advice: string;
  /** The id of the {@link DecodedNode} that the finding refers to. */
  node: string;
}

/** The location and context of a token in the input. */
export interface TokenSource {
  /** The notation of the token. For a hashcat line, an equivalent message is constructed. */
  form: 'bytes' | 'base64' | 'hex' | 'hashcat';
  /**
   * The byte offset of the token in the input (in its UTF-8 form, if the input is text).
   * For archives and captures, the offset of the container.
   */
  start: number;
  end: number;
  /** The header that contains the token, such as `WWW-Authenticate`; may be empty. */
  header: string;
  /** The authentication scheme before the token, such as `NTLM`; may be empty. */
  scheme: string;
  /** The wrappings of the token, outermost first, such as `gzip`, `HAR`, `percent-encoding`. */
  wrapping: readonly string[];
  /** The connection. Tokens with the same text belong together. It is empty if unknown. */
  connection: string;
  /** The sender; undefined if unknown. */
  sender: 'client' | 'server' | undefined;
  /** The protocol that carried the token, such as `HTTP` or `SMB`; undefined if unknown. */
  protocol: string | undefined;
  /** The HTTP status of the response that carried the token or, if the client sent it, of the response to that request. */
  status: number | undefined;
  /** The time at which the token was sent, in ISO 8601; undefined if unknown. */
  time: string | undefined;
  /** The URL or host of the request; undefined if unknown. */
  url: string | undefined;
}

/** The properties of every decoded token. */
export interface Explained {
  source: TokenSource;
  /** The token in hexadecimal. */
  bytes: string;
  /** Damaged, weak and unusual properties, worst first. */
  findings: Finding[];
  tree: DecodedNode;
}

/** A decoded NTLM message. `type` is null if the message type is unknown. */
export interface DecodedMessage extends Explained, MessageFields {
  type: 1 | 2 | 3 | null;
}

/** A decoded SPNEGO token, with the fields of the NTLM message that it contains, if any. */
export interface DecodedSpnego extends Explained, MessageFields {
  type: 'spnego';
  /** The type of the NTLM message in the token. */
  messageType: 1 | 2 | 3 | null | undefined;
  /** Object identifiers of the offered mechanisms, best first. */
  mechTypes: string[] | undefined;
  negState: 'accept-completed' | 'accept-incomplete' | 'reject' | 'request-mic' | undefined;
  /** The object identifier of the chosen mechanism. */
  supportedMech: string | undefined;
  mechListMIC: string | undefined;
}

/** A decoded token. Bytes are in hexadecimal, so that they can be printed and compared. */
export type Decoded = DecodedMessage | DecodedSpnego;

/** The attributes of a server, as sent by the server or returned by a client (MS-NLMP 2.2.2.1). */
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

/** The message fields by their names in MS-NLMP 2.2.1. Fields that a message does not have are undefined. */
export interface MessageFields {
  negotiateFlags?: number | undefined;
  /** The VERSION field, such as `10.0.26100`. */
  version?: string | undefined;
  targetName?: string | undefined;
  serverChallenge?: string | undefined;
  /** In message 3: the attributes that the client returned in its NTLMv2 response. */
  targetInfo?: TargetInfo | undefined;
  domainName?: string | undefined;
  userName?: string | undefined;
  workstation?: string | undefined;
  lmChallengeResponse?: string | undefined;
  ntChallengeResponse?: string | undefined;
  encryptedRandomSessionKey?: string | undefined;
  mic?: string | undefined;
  /** The response version of message 3; undefined if there is no response. */
  ntlmVersion?: 'NTLMv1' | 'NTLM2 session' | 'NTLMv2' | undefined;
}

/** Context for {@link decode}. */
export interface DecodeOptions {
  /** The current time. Timestamps that differ by more than five minutes become a finding. Default: no check. */
  now?: Date | undefined;
  /** The client's first token, used to detect changes in transit. */
  negotiate?: string | Uint8Array | undefined;
  /** The server's challenge, used to detect changes in transit. */
  challenge?: string | Uint8Array | undefined;
}

/** A token that {@link findTokens} found. */
export interface FoundToken extends TokenSource {
  bytes: Uint8Array;
}
