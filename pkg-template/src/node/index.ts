/**
 * `ntlm-wasm/node`: HTTP agents, proxies, servers and diagnosis for Node, Deno, Bun and Electron's main process.
 *
 * @module
 */
export { NtlmError } from '../errors.js';
export { type AgentOptions, NtlmAgent } from './agent/index.js';
export { certificateFrom, type CertificateSource } from './certificate-source.js';
export type { ConnectionOptions } from './options.js';
export type {
  CredentialQuestion,
  Credentials,
  CredentialsOption,
  SystemCredentials,
  SystemOption,
} from './credentials/index.js';
export {
  diagnose,
  type DiagnoseOptions,
  type DiagnosisFinding,
  type DiagnosisLeg,
  type DiagnosisProbe,
  type Report,
} from './diagnose/index.js';
export type { DiagnosticEvents } from './diagnostics.js';
export { type DispatcherOptions, NtlmDispatcher } from './dispatcher/index.js';
export { createFetch } from './fetch.js';
export type { ProxyOptions, RelayedRequest } from './proxy/index.js';
export { type RunningProxy, startProxy } from './proxy/index.js';
export { type NtlmAuthOptions, ntlmAuth, type NtlmUser } from './middleware/index.js';
export { register, type RegisterOptions } from './global.js';
export type { ProxyOption } from './routes/index.js';
export { type RunningServer, startServer } from './server/index.js';
export {
  type Account,
  type Counters,
  demoAccount,
  type Leg,
  type Scheme,
  type ServedRequest,
  type ServerOptions,
  type Side,
} from './server/options.js';
