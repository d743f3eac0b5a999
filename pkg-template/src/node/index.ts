/** `ntlm-wasm/node`: what needs sockets. For Node, Deno, Bun and Electron's main process. */
export { type RunningServer, startServer } from './server/start-server.js';
export {
  type Account,
  type Counters,
  demoAccount,
  type Leg,
  type Scheme,
  type ServedRequest,
  type ServerOptions,
  type Side,
} from './server/server-options.js';
