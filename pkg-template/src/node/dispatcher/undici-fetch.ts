/**
 * undici's fetch, for runtimes whose fetch ignores dispatchers. It is a separate module, because loading it sets undici's global
 * dispatcher, which Node's fetch would then use.
 */
export { fetch } from 'undici/lib/web/fetch/index.js';
