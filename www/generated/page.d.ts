/* tslint:disable */
/* eslint-disable */

/**
 * All that lives in the module.
 */
export class Core {
  free(): void;
  /**
   * Does something with so many bytes of the exchange, at a time in milliseconds since 1970. What comes back is the length
   * of the answer in the exchange, or a number if the operation says so, or an error below zero.
   */
  call(operation: Operation, handle: number, length: number, detail: number, now: number): number;
  /**
   * Begins with nothing in it.
   */
  constructor();
  /**
   * Where the exchange lies, which has room for so many bytes from now on.
   */
  room(size: number): number;
}

/**
 * What to do. Where nothing else is said, the answer is bytes in the exchange.
 */
export enum Operation {
  /**
   * Gives up what a number stands for, and wipes its secrets.
   */
  Close = 0,
  /**
   * Forgets a client's handshake.
   */
  Reset = 1,
  /**
   * A number: 1 when a client's last token was made, plus twice the kind of response that was sent (1 NTLMv1,
   * 2 NTLM2 session, 3 NTLMv2, 0 none).
   */
  State = 2,
  /**
   * A number: the session that protects the messages to come; an error before the handshake has come so far.
   */
  ClientSession = 3,
  /**
   * A number: where a dialogue stands; 1 when the final token was accepted, plus 2 with NTLM in use, 4 with Negotiate.
   */
  HttpState = 4,
  /**
   * A number: 1 if a server's challenge waits for its answer.
   */
  Challenged = 5,
  /**
   * A client's first token.
   */
  Start = 6,
  /**
   * The first leg's header on a new connection, in the form of what comes next.
   */
  Begin = 7,
  /**
   * In datagram mode, says which message comes next in a session: the detail.
   */
  SetSequence = 8,
  /**
   * The flags that a session was agreed on with, in four bytes.
   */
  SessionFlags = 9,
  /**
   * The NT hash of a password in UTF-16LE.
   */
  NtHash = 10,
  /**
   * The hash that binds to a certificate whose own hash is given.
   */
  EndPoint = 11,
  /**
   * Whether what proves an account fits a handshake: given are the proof, messages 1 (or nothing), 2 and 3. The answer: the
   * kind of the response (1 NTLMv1, 2 NTLM2 session, 3 NTLMv2), the message integrity code (0 absent, 1 right, 2 wrong,
   * 3 not checked), the session key.
   */
  Examine = 12,
  /**
   * A number: a client for the given scheme and options.
   */
  Client = 13,
  /**
   * A client's answer to a token; empty when nothing is left to send. The detail's first bit: it is given in base64 or as a
   * header's value.
   */
  Step = 14,
  /**
   * A number: a dialogue for the given side (0 origin, 1 proxy), how many schemes, each of them, and options.
   */
  Http = 15,
  /**
   * What comes next after a response, whose challenges are given one a line. The detail: the status, and the lowest bit
   * below it, whether the connection stays open. The answer is empty where the response is the caller's; else it is the
   * header's token, its scheme (1 NTLM, 2 Negotiate), and what to do (`+` send, `!` send the last leg, `<` reconnect).
   */
  Next = 16,
  /**
   * A number: a server with the given options.
   */
  Server = 17,
  /**
   * A server's answer to message 1, or to a first token of SPNEGO that holds none yet. The detail is as in a client's step.
   */
  Challenge = 18,
  /**
   * Reads message 3, which uses the challenge up; the detail's first bit as in a client's step. The answer: whether it is
   * anonymous, user name, domain, workstation, the claim's number.
   */
  Receive = 19,
  /**
   * Checks a claim, which uses it up, against what proves the account. The answer: the kind of the response (1 NTLMv1,
   * 2 NTLM2 session, 3 NTLMv2, 0 for an anonymous client), whether the messages were protected against changes, the proven
   * domain, the service that was meant, the last token for the client, the number of the session.
   *
   * Without an account it takes as long as with a wrong password; a client that wants to be nobody may pass.
   */
  Verify = 20,
  /**
   * Signs the next outgoing message: the signature. From here on the detail is the message's length, behind which a
   * signature may stand.
   */
  Sign = 21,
  /**
   * Checks the next incoming message: nothing.
   */
  CheckSignature = 22,
  /**
   * Encrypts and signs the next outgoing message: the signature, then the sealed bytes.
   */
  Seal = 23,
  /**
   * Decrypts and checks the next incoming message: the plain text.
   */
  Unseal = 24,
  /**
   * Seals, or signs where sealing was not agreed on, into one piece.
   */
  Wrap = 25,
  /**
   * Takes apart what the other side wrapped.
   */
  Unwrap = 26,
  /**
   * The key that other protocols take from a session.
   */
  Key = 27,
}

/**
 * `tls-server-end-point:` and the hash of a certificate in DER, PEM, base64 or PKCS#7; nothing if there is none in it.
 */
export function endPoint(certificate: Uint8Array | number[]): Uint8Array;

/**
 * The first token of an input, explained; empty if there is none. Empty means absent for the earlier tokens too, and what is
 * no number for the time in milliseconds since 1970.
 */
export function explain(input: Uint8Array | number[], negotiate: Uint8Array | number[], challenge: Uint8Array | number[], now: number): string;

/**
 * Where the tokens of an input are.
 */
export function find(input: Uint8Array | number[]): string;

/** Compiles and starts the module, and hands out its memory; to be called once, before anything else here. */
export function instantiate(bytes: Uint8Array): { readonly buffer: ArrayBuffer };
