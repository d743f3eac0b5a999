/**
 * undici's fetch, for runtimes whose own fetch takes no dispatcher. A module of its own: loading it sets undici's global
 * dispatcher, which the fetch of Node would then use.
 */
export { fetch } from 'undici/lib/web/fetch/index.js';
