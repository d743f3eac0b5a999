import { register } from './global.js';

/** `node --import ntlm-wasm/register app.js`, `node --require ntlm-wasm/register app.js`, NODE_OPTIONS. */
register();
