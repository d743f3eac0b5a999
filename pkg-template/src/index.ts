/**
 * NTLM and Negotiate authentication for every JavaScript runtime: tokens, session security and a token decoder.
 *
 * HTTP agents, proxies and servers are in `ntlm-wasm/node`.
 *
 * @module
 */
export { channelBindings, type CertificateInput, type ChannelBindingsInput } from './channel-bindings.js';
export { checkPassword, type Handshake, type PasswordCheck } from './check-password.js';
export { NtlmClient, ntHash, type NtlmVersion } from './client.js';
export {
  explainConversations,
  messageType,
  type Conversation,
  type ConversationFinding,
  type Explained as ExplainedInput,
} from './conversations.js';
export { decode, findTokens } from './decode.js';
export type {
  Decoded,
  DecodedBit,
  DecodedMessage,
  DecodedNode,
  DecodedSpnego,
  DecodeOptions,
  Finding,
  FoundToken,
  MessageFields,
  Severity,
  TargetInfo,
  TokenSource,
} from './decoded.js';
export { NtlmError } from './errors.js';
export type { NtlmClientOptions } from './options.js';
export { NtlmServer, type Account, type Authenticated, type Claimed, type NtlmServerOptions } from './server.js';
export type { SecuritySession } from './session.js';
export { version } from './version.js';
